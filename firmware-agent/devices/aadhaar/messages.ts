import { createHash } from 'node:crypto';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { childOf, escapeXml, readXml, type XmlElement } from './xml.js';

/** What UIDAI's Registered Devices Technical Specification 2.0 (rev 6) calls the states of a service. */
export type ServiceStatus = 'READY' | 'USED' | 'NOTREADY';

/** Answer to RDSERVICE. Paths are those of this very service: a host in them is left out. */
export type ServiceAnswer = { readonly status: ServiceStatus; readonly info: string; readonly infoPath: string; readonly capturePath: string };

/** Answer to DEVICEINFO, as far as it is shown to people. `modality` is what newer services tell of themselves. */
export type DeviceFacts = {
  readonly provider: string;
  readonly service: string;
  readonly version: string;
  readonly model: string;
  readonly serial: string;
  readonly modality: string;
};

export type CaptureOptions = {
  /** P production, PP pre-production, S staging. */
  readonly environment: 'P' | 'PP' | 'S';
  readonly fingers: number;
  /** 0 minutiae (FMR), 1 image (FIR), 2 both. */
  readonly fingerType: 0 | 1 | 2;
  /** 0 XML, 1 protobuf. */
  readonly format: 0 | 1;
  /** Base64 SHA-256 that binds an eKYC capture to its wrapper call; empty for authentication. */
  readonly wadh: string;
  readonly timeoutMs: number;
};

/** What a capture answer says beside its encrypted part. `dataSha256`: of the base64 text of Data without white space, where there is one. */
export type CaptureAnswer = {
  readonly errCode: number;
  readonly errInfo: string;
  readonly quality: number | undefined;
  readonly dataSha256: Uint8Array | undefined;
};

type Garbled = Failure<'garbled'>;
const LONGEST_WORDS = 80;

export function readServiceAnswer(bytes: Uint8Array): Result<ServiceAnswer, Garbled> {
  const root = rootOf(bytes, 'RDService');
  if (!root.ok) return root;
  const { status = '', info = '' } = root.value.attributes;
  const [infoPath, capturePath] = ['DEVICEINFO', 'CAPTURE'].map((id) => pathOf(root.value, id));
  if (infoPath === undefined || capturePath === undefined) return failure('garbled', 'the service names no usable paths');
  return ok({ status: statusOf(status), info: plain(info), infoPath, capturePath });
}

/** A word that the specification does not have counts as not ready. */
function statusOf(word: string): ServiceStatus {
  const upper = word.trim().toUpperCase();
  return upper === 'READY' || upper === 'USED' ? upper : 'NOTREADY';
}

/** By id, since makers order them differently. `/127.0.0.1:11102/capture` and whole URLs are seen too; what follows the port is the path. */
function pathOf(service: XmlElement, id: string): string | undefined {
  const found = service.children.find((child) => child.name === 'Interface' && child.attributes['id']?.toUpperCase() === id);
  const path = found?.attributes['path']?.trim().replace(/^\/?(?:https?:\/\/)?[\w.-]+:\d{1,5}(?=\/)/u, '');
  return path !== undefined && /^\/[\x21-\x7e]{0,200}$/u.test(path) ? path : undefined;
}

/** Empty dpId or rdsId: the device has not registered, and can not capture. */
export function readDeviceInfo(bytes: Uint8Array): Result<DeviceFacts, Garbled | Failure<'unregistered'>> {
  const root = rootOf(bytes, 'DeviceInfo');
  if (!root.ok) return root;
  const { dpId = '', rdsId = '', rdsVer = '', mi = '' } = root.value.attributes;
  if (dpId === '' || rdsId === '') return failure('unregistered', 'its service names no registered device (empty dpId or rdsId)');
  const params = new Map(paramsOf(root.value).map(({ attributes }) => [attributes['name']?.toLowerCase() ?? '', attributes['value'] ?? '']));
  return ok({
    provider: plain(dpId),
    service: plain(rdsId),
    version: plain(rdsVer),
    model: plain(mi),
    serial: plain(params.get('srno') ?? ''),
    modality: plain(params.get('modality_type') ?? ''),
  });
}

/** Makers write additional_info, Additional_Info, or put the parameters right into DeviceInfo. */
function paramsOf(element: XmlElement): readonly XmlElement[] {
  return [element, ...element.children].flatMap(({ children }) => children.filter(({ name }) => name === 'Param'));
}

export function pidOptions({ environment, fingers, fingerType, format, wadh, timeoutMs }: CaptureOptions): string {
  const opts: Readonly<Record<string, string>> = {
    fCount: String(fingers),
    fType: String(fingerType),
    iCount: '0',
    pCount: '0',
    format: String(format),
    pidVer: '2.0',
    timeout: String(timeoutMs),
    otp: '',
    wadh,
    posh: 'UNKNOWN',
    env: environment,
  };
  const attributes = Object.entries(opts).map(([name, value]) => `${name}="${escapeXml(value)}"`);
  return `<?xml version="1.0"?><PidOptions ver="1.0"><Opts ${attributes.join(' ')}/><CustOpts/></PidOptions>`;
}

/** Reads what may be known of a PidData. The encrypted parts are only seen to be there. */
export function readCapture(bytes: Uint8Array): Result<CaptureAnswer, Garbled> {
  const root = rootOf(bytes, 'PidData');
  if (!root.ok) return root;
  const resp = childOf(root.value, 'Resp');
  const errCode = resp?.attributes['errCode']?.trim() ?? '';
  if (resp === undefined || !/^-?\d{1,9}$/u.test(errCode)) return failure('garbled', 'the answer has no error code');
  const code = Number.parseInt(errCode, 10);
  const dataSha256 = code === 0 ? hashOfData(root.value) : undefined;
  if (code === 0 && dataSha256 === undefined) return failure('garbled', 'the service says that it captured, and a part of its block is missing');
  return ok({ errCode: code, errInfo: plain(resp.attributes['errInfo'] ?? ''), quality: qualityOf(resp.attributes['qScore']), dataSha256 });
}

function hashOfData(pidData: XmlElement): Uint8Array | undefined {
  const [skey, hmac, data] = ['Skey', 'Hmac', 'Data'].map((name) => childOf(pidData, name)?.text.replaceAll(/\s/gu, '') ?? '');
  const whole = [skey, hmac, data].every((text) => text !== undefined && /^[A-Za-z0-9+/]+={0,2}$/u.test(text));
  return whole && data !== undefined ? createHash('sha256').update(data, 'latin1').digest() : undefined;
}

/** Of several fingers the worst one counts. */
function qualityOf(score: string | undefined): number | undefined {
  const scores = (score ?? '').split(',').map((one) => one.trim());
  return scores.every((one) => /^\d{1,3}$/u.test(one)) ? Math.min(...scores.map((one) => Number.parseInt(one, 10))) : undefined;
}

function rootOf(bytes: Uint8Array, name: string): Result<XmlElement, Garbled> {
  const read = readXml(bytes);
  if (!read.ok) return failure('garbled', `the service answered what is no ${name}: ${read.error.detail}`);
  return read.value.name === name ? ok(read.value) : failure('garbled', `the service answered another document than ${name}`);
}

/** A maker's words, fit for one line of a screen. */
function plain(text: string): string {
  return text
    .replaceAll(/[^\P{C}]/gu, ' ')
    .trim()
    .slice(0, LONGEST_WORDS);
}
