import { SaxesParser } from 'saxes';
import { PID_BLOCK_BYTES_MAX } from '#protocol/wire/frames.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';

/** Nothing longer is read of a service: what could not be handed on is not taken in. */
export const XML_BYTES = PID_BLOCK_BYTES_MAX;
const DEEPEST = 8;
const MOST_ELEMENTS = 200;

export type XmlElement = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
};

type Open = { name: string; attributes: Record<string, string>; children: XmlElement[]; text: string };

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a small XML document strictly: well-formed, UTF-8, bounded, without a DOCTYPE and so without entities of its own (no entity bombs, no
 * outside files). Any bytes give a result; the failure never quotes what was read.
 */
export function readXml(bytes: Uint8Array): Result<XmlElement, Failure<'bad-xml'>> {
  if (bytes.length > XML_BYTES) return failure('bad-xml', `longer than ${XML_BYTES} bytes`);
  try {
    const root = parse(UTF8.decode(bytes));
    return root === undefined ? failure('bad-xml', 'no element') : ok(root);
  } catch (error) {
    return failure('bad-xml', error instanceof Refused ? error.message : 'not well-formed XML in UTF-8');
  }
}

class Refused extends Error {}

function parse(text: string): XmlElement | undefined {
  const parser = new SaxesParser();
  const stack: Open[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  parser.on('error', () => {
    throw new Refused('not well-formed XML');
  });
  parser.on('doctype', () => {
    throw new Refused('has a DOCTYPE');
  });
  parser.on('processinginstruction', () => {
    throw new Refused('has a processing instruction');
  });
  parser.on('opentag', ({ name, attributes }) => {
    elements += 1;
    if (elements > MOST_ELEMENTS || stack.length >= DEEPEST) throw new Refused('too many elements');
    stack.push({ name, attributes: { ...attributes }, children: [], text: '' });
  });
  const addText = (more: string): void => {
    const open = stack.at(-1);
    if (open !== undefined) open.text += more;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const closed = stack.pop();
    if (closed === undefined) return;
    const parent = stack.at(-1);
    if (parent === undefined) root = closed;
    else parent.children.push(closed);
  });
  parser.write(text).close();
  return root;
}

export function childOf(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

export function escapeXml(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
  return text.replaceAll(/[&<>"']/gu, (letter) => names[letter] ?? '');
}
