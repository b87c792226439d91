import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { unreachable } from '#protocol/result/result.js';
import { mosaicJpeg, mosaicPng, type Mosaic } from '../../picture/mosaic.js';
import { startStandIn, type Call } from '../../program/simulator/stand-in.js';
import { startControl, type ControlAnswer, type ControlPlace } from '../../simulation/control.js';

/** What another process or a test may do with the virtual camera. One JSON object a line on its control socket. */
export const cameraOrder = z.discriminatedUnion('do', [
  /** What it sees: a face (some squares of one), or a lens that is covered, or light only. */
  z.strictObject({ do: z.literal('see'), what: z.enum(['face', 'black', 'white']) }).describe('what is before it'),
  z.strictObject({ do: z.literal('busy') }).describe('another program has it'),
  z.strictObject({ do: z.literal('error') }).describe('gives no picture'),
  z.strictObject({ do: z.literal('hang') }).describe('never ends a picture'),
  z.strictObject({ do: z.literal('slow'), delayMs: z.int().min(1).max(60_000) }).describe('takes so long for a picture'),
  z.strictObject({ do: z.literal('truncate') }).describe('a picture ends in the middle'),
  z.strictObject({ do: z.literal('garbage') }).describe('a picture is nonsense'),
  z.strictObject({ do: z.literal('unplug') }).describe('the cable is pulled'),
  z.strictObject({ do: z.literal('plug') }).describe('the cable is put back'),
  z.strictObject({ do: z.literal('normal') }).describe('every fault is mended'),
  z.strictObject({ do: z.literal('state') }).describe('how it stands'),
]);
export type CameraOrder = z.infer<typeof cameraOrder>;

export type CameraSimulator = {
  /** To be named as `program` and `device` in the camera's configuration. */
  readonly program: string;
  readonly device: string;
  readonly control: ControlPlace | undefined;
  readonly order: (order: CameraOrder) => Promise<ControlAnswer>;
  readonly close: () => Promise<void>;
};

type Condition = {
  fault: 'none' | 'busy' | 'error' | 'hang' | 'truncate' | 'garbage';
  sees: 'face' | 'black' | 'white';
  delayMs: number;
  plug: 'in' | 'out';
  taken: number;
};

/** A camera behind a stand-in for `fswebcam`: its device node is a link to a character device, there as long as it is plugged in. */
export async function startCameraSimulator(controlPlace?: ControlPlace): Promise<CameraSimulator> {
  const condition: Condition = { fault: 'none', sees: 'face', delayMs: 0, plug: 'out', taken: 0 };
  const standIn = await startStandIn('fswebcam', (call) => void perform(call, condition));
  const device = join(standIn.folder, 'video0');
  const plug = (wanted: 'in' | 'out'): void => {
    if (wanted === 'in' && condition.plug === 'out') symlinkSync('/dev/null', device);
    if (wanted === 'out') rmSync(device, { force: true });
    condition.plug = wanted;
  };
  plug('in');
  const order = async (wanted: CameraOrder): Promise<ControlAnswer> => {
    change(condition, wanted, plug);
    return { ok: true, state: { ...condition } };
  };
  const control = controlPlace === undefined ? undefined : await startControl(controlPlace, cameraOrder, order);
  return {
    program: standIn.program,
    device,
    control: control?.place,
    order,
    async close() {
      await control?.close();
      await standIn.close();
    },
  };
}

function change(condition: Condition, wanted: CameraOrder, plug: (wanted: 'in' | 'out') => void): void {
  switch (wanted.do) {
    case 'see':
      condition.sees = wanted.what;
      return;
    case 'slow':
      condition.delayMs = wanted.delayMs;
      return;
    case 'unplug':
      return plug('out');
    case 'plug':
      return plug('in');
    case 'normal':
      plug('in');
      Object.assign(condition, { fault: 'none', sees: 'face', delayMs: 0 });
      return;
    case 'state':
      return;
    case 'busy':
    case 'error':
    case 'hang':
    case 'truncate':
    case 'garbage':
      condition.fault = wanted.do;
      return;
    default:
      unreachable(wanted);
  }
}

/** As fswebcam 20140113 speaks: chatter on standard error, exit code 0 whatever happened, a file only when there is a picture. */
async function perform(call: Call, condition: Condition): Promise<void> {
  const after = (word: string): string => call.words[call.words.indexOf(word) + 1] ?? '';
  const device = after('--device');
  call.error(`--- Opening ${device}...\n`);
  if (condition.fault === 'hang') return;
  if (condition.plug === 'out') {
    call.error('stat: No such file or directory\n');
    return call.exit(0);
  }
  await new Promise((resolve) => {
    setTimeout(resolve, condition.delayMs);
  });
  if (call.signal.aborted) return call.exit(0);
  if (condition.fault === 'busy') {
    call.error(`Trying source module v4l2...\nError opening device: ${device}\nopen: Device or resource busy\n`);
    return call.exit(0);
  }
  if (condition.fault === 'error') {
    call.error('Trying source module v4l2...\nUnable to find a compatible palette format.\n');
    return call.exit(0);
  }
  const [widthPx = 0, heightPx = 0] = after('--resolution').split('x').map(Number);
  const mosaic = { widthPx, heightPx, shade: shadeOf(condition.sees, widthPx >> 3, heightPx >> 3) };
  const saves = call.words.flatMap((word, i) => (word === '--save' ? [call.words[i + 1] ?? ''] : []));
  for (const file of saves) writeFileSync(file, spoilt(file.endsWith('.png') ? mosaicPng(mosaic) : mosaicJpeg(mosaic), condition));
  condition.taken += 1;
  call.error('--- Capturing frame...\nCaptured frame in 0.00 seconds.\n');
  call.exit(0);
}

function spoilt(file: Buffer, { fault }: Condition): Buffer {
  if (fault === 'garbage') return Buffer.alloc(4_000, 'no picture ');
  return fault === 'truncate' ? file.subarray(0, file.length / 2) : file;
}

/** An oval, light on dark with two eyes; or next to nothing. */
function shadeOf(sees: Condition['sees'], columns: number, rows: number): Mosaic['shade'] {
  if (sees !== 'face') return (column, row) => (sees === 'black' ? 2 : 250) + ((column + row) % 2);
  return (column, row) => {
    const [x, y] = [(column / columns - 0.5) * 3, (row / rows - 0.5) * 2];
    const isEye = Math.abs(Math.abs(x) - 0.3) < 0.1 && Math.abs(y + 0.2) < 0.1;
    if (isEye) return 30;
    return x * x + y * y < 0.6 ? 190 : 90;
  };
}
