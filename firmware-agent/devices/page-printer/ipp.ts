import { request as encoder, type IppAttribute, type IppGroup, type IppValue } from 'ipp-encoder';

/** Delimiter and value tags of RFC 8010 §3.5, as far as they are written or judged here. */
export const GROUP = { operation: 0x01, job: 0x02, end: 0x03, printer: 0x04, unsupported: 0x05 } as const;
export const TAG = {
  unknown: 0x12,
  noValue: 0x13,
  integer: 0x21,
  boolean: 0x22,
  enum: 0x23,
  dateTime: 0x31,
  range: 0x33,
  beginCollection: 0x34,
  textWithLanguage: 0x35,
  nameWithLanguage: 0x36,
  endCollection: 0x37,
  text: 0x41,
  name: 0x42,
  keyword: 0x44,
  uri: 0x45,
  charset: 0x47,
  language: 0x48,
  mimeType: 0x49,
  memberName: 0x4a,
} as const;

/** Operations of RFC 8011 §4.2 and §4.3. */
export const OPERATION = { printJob: 0x02, validateJob: 0x04, cancelJob: 0x08, getJob: 0x09, getJobs: 0x0a, getPrinter: 0x0b } as const;

/** Status codes of RFC 8011 Appendix B; up to `lastOk` the operation was done. */
export const STATUS = {
  ok: 0x0000,
  lastOk: 0x00ff,
  badRequest: 0x0400,
  notPossible: 0x0404,
  notFound: 0x0406,
  formatNotSupported: 0x040a,
  attributesNotSupported: 0x040b,
  operationNotSupported: 0x0501,
  versionNotSupported: 0x0503,
  notAcceptingJobs: 0x0506,
} as const;

export type Attribute = { readonly tag: number; readonly values: readonly IppValue[] };
export type Attributes = ReadonlyMap<string, Attribute>;
export type Version = { readonly major: number; readonly minor: number };

/** A message as read. `code` is the operation of a request and the status of a response; `data` is what follows the attributes. */
export type Message = {
  readonly version: Version;
  readonly code: number;
  readonly requestId: number;
  readonly groups: readonly { readonly tag: number; readonly attributes: Attributes }[];
  readonly data: Buffer;
};

export function attribute(tag: number, name: string, value: IppValue | readonly IppValue[]): IppAttribute {
  return { tag, name, value };
}

/** The two attributes with which every operation group begins (RFC 8011 §4.1.4). */
export const LANGUAGE: readonly IppAttribute[] = [
  attribute(TAG.charset, 'attributes-charset', 'utf-8'),
  attribute(TAG.language, 'attributes-natural-language', 'en'),
];

export type Outgoing = { readonly version: Version; readonly code: number; readonly requestId: number; readonly groups: readonly IppGroup[] };

/** Requests and responses have one form; only the name of their third and fourth byte differs (RFC 8010 §3.1). */
export function encode({ version, code, requestId, groups }: Outgoing): Buffer {
  const message = { version, operationId: code, requestId, groups };
  return encoder.encode(message, Buffer.alloc(encoder.encodingLength(message)));
}

/** Undefined when the bytes are no IPP message. */
export function decode(bytes: Buffer): Message | undefined {
  if (!isWellFormed(bytes)) return undefined;
  const { version, operationId, requestId, groups } = encoder.decode(bytes);
  const read = groups.map(({ tag, attributes }) => ({
    tag,
    attributes: new Map(attributes.map(({ tag: valueTag, name, value }): [string, Attribute] => [name, { tag: valueTag, values: [value].flat() }])),
  }));
  return { version, code: operationId & 0xffff, requestId, groups: read, data: bytes.subarray(encoder.decode.bytes) };
}

const MOST_ATTRIBUTES = 20_000;

/** What the encoder takes for granted: lengths that are true, and values as long as their tag says. Other bytes would make it throw, or turn for ever. */
function isWellFormed(bytes: Buffer): boolean {
  let at = 8;
  let group: 'none' | 'begun' | 'named' = 'none';
  for (let count = 0; count < MOST_ATTRIBUTES; count += 1) {
    const tag = bytes[at];
    if (tag === undefined || tag > 0x7f) return false;
    at += 1;
    if (tag === GROUP.end) return true;
    if (tag <= 0x0f) {
      group = 'begun';
      continue;
    }
    const name = fieldAt(bytes, at);
    const value = name === undefined ? undefined : fieldAt(bytes, name.end);
    if (name === undefined || value === undefined || group === 'none') return false;
    if (name.length === 0 && group === 'begun') return false;
    if (!fits(tag, bytes.subarray(value.end - value.length, value.end))) return false;
    group = 'named';
    at = value.end;
  }
  return false;
}

function fieldAt(bytes: Buffer, at: number): { readonly length: number; readonly end: number } | undefined {
  if (at + 2 > bytes.length) return undefined;
  const length = bytes.readInt16BE(at);
  const end = at + 2 + length;
  return length < 0 || end > bytes.length ? undefined : { length, end };
}

function fits(tag: number, value: Buffer): boolean {
  switch (tag) {
    case TAG.integer:
    case TAG.enum:
      return value.length === 4;
    case TAG.boolean:
      return value.length === 1;
    case TAG.dateTime:
      return value.length === 11;
    case TAG.textWithLanguage:
    case TAG.nameWithLanguage: {
      const language = fieldAt(value, 0);
      return language !== undefined && fieldAt(value, language.end)?.end === value.length;
    }
    default:
      return true;
  }
}

/** All attributes of the groups with this tag as one; of two with one name the later stands. */
export function groupOf(message: Message, tag: number): Attributes {
  return new Map(message.groups.filter((group) => group.tag === tag).flatMap(({ attributes }) => [...attributes]));
}

export function textOf(attributes: Attributes, name: string): string | undefined {
  return textsOf(attributes, name)[0];
}

export function textsOf(attributes: Attributes, name: string): readonly string[] {
  const { values = [] } = attributes.get(name) ?? {};
  return values.flatMap((value) => {
    if (typeof value === 'string') return value === '' ? [] : [value];
    return typeof value === 'object' && 'value' in value ? [value.value] : [];
  });
}

export function numberOf(attributes: Attributes, name: string): number | undefined {
  const value = attributes.get(name)?.values[0];
  return typeof value === 'number' ? value : undefined;
}

export function flagOf(attributes: Attributes, name: string): boolean | undefined {
  const value = attributes.get(name)?.values[0];
  return typeof value === 'boolean' ? value : undefined;
}
