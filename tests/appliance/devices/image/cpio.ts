/** One thing in the first file system of the guest. Paths are absolute there; folders above it are made. */
export type ImageEntry =
  | { readonly kind: 'file'; readonly path: string; readonly bytes: Uint8Array; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'folder'; readonly path: string };

const FOLDER_MODE = 0o040_755;
const LINK_MODE = 0o120_777;
const FILE_MODE = 0o100_000;

/**
 * An archive in the form that the kernel unpacks at its start ("newc": linux, Documentation/driver-api/early-userspace/buffer-format.rst).
 * Written here, because it needs neither root nor a staging tree, and the same entries always give the same bytes.
 */
export function cpioArchive(entries: readonly ImageEntry[]): Buffer {
  const whole = [...foldersOf(entries), ...entries.filter(({ kind }) => kind !== 'folder')];
  const members = whole.map((entry, i) => member(i + 1, modeOf(entry), entry.path.slice(1), bytesOf(entry)));
  return Buffer.concat([...members, member(0, 0, 'TRAILER!!!', new Uint8Array())]);
}

/** Every folder that is named or needed, each before what lies in it. */
function foldersOf(entries: readonly ImageEntry[]): readonly ImageEntry[] {
  const folders = new Set<string>();
  for (const { kind, path } of entries) {
    for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) folders.add(path.slice(0, end));
    if (kind === 'folder') folders.add(path);
  }
  return [...folders].toSorted().map((path) => ({ kind: 'folder', path }));
}

function modeOf(entry: ImageEntry): number {
  if (entry.kind === 'folder') return FOLDER_MODE;
  return entry.kind === 'link' ? LINK_MODE : FILE_MODE | entry.mode;
}

function bytesOf(entry: ImageEntry): Uint8Array {
  if (entry.kind === 'file') return entry.bytes;
  return entry.kind === 'link' ? Buffer.from(entry.target) : new Uint8Array();
}

/** Header of thirteen eight-digit numbers, name with its NUL, content; name and content each filled up to four bytes. */
function member(inode: number, mode: number, name: string, bytes: Uint8Array): Buffer {
  const links = 1;
  const numbers = [inode, mode, 0, 0, links, 0, bytes.length, 0, 0, 0, 0, Buffer.byteLength(name) + 1, 0];
  const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}${name}\0`;
  return Buffer.concat([filled(Buffer.from(header)), filled(bytes)]);
}

function filled(bytes: Uint8Array): Uint8Array {
  const missing = (4 - (bytes.length % 4)) % 4;
  return missing === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(missing)]);
}
