/** What is wrong with the module and its line, on order. */
export type Faults = {
  answers: { readonly kind: 'true' } | { readonly kind: 'garbled' | 'cut'; left: number };
  data: 'true' | 'garbled' | 'lost';
  hearing: 'hears' | 'deaf';
  flash: 'works' | 'broken';
  samples: 'agree' | 'differ';
  delayMs: number;
  stale: Uint8Array;
  lost: { readonly opcode: number; readonly done: 'done' | 'not-done' } | undefined;
};

export function noFaults(): Faults {
  return {
    answers: { kind: 'true' },
    data: 'true',
    hearing: 'hears',
    flash: 'works',
    samples: 'agree',
    delayMs: 0,
    stale: new Uint8Array(),
    lost: undefined,
  };
}

/** An answer as it goes out on the line. */
export function spoil(faults: Faults, bytes: Uint8Array): Uint8Array {
  const stale = Buffer.from(faults.stale);
  faults.stale = new Uint8Array();
  return Buffer.concat([stale, spoilAnswer(faults, bytes)]);
}

/** A data packet as it goes out: one that is not the last is spoilt, once. */
export function spoilData(faults: Faults, bytes: Uint8Array): Uint8Array {
  const { data } = faults;
  faults.data = 'true';
  if (data === 'lost') return new Uint8Array();
  return data === 'true' ? bytes : turned(bytes);
}

function spoilAnswer(faults: Faults, bytes: Uint8Array): Uint8Array {
  const { answers } = faults;
  if (answers.kind === 'true') return bytes;
  answers.left -= 1;
  if (answers.left <= 0) faults.answers = { kind: 'true' };
  if (answers.kind === 'cut') return bytes.subarray(0, Math.floor(bytes.length / 2));
  // The confirmation's lowest bit: an unread checksum would make a success of a failure.
  return turned(bytes);
}

function turned(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte, at) => (at === 9 ? byte ^ 0x01 : byte));
}
