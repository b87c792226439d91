import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, ok, type Result } from '#protocol/result/result.js';
import { Listeners } from '../life/listeners.js';
import type { LiveDriver, Look } from '../life/live-driver.js';
import { Lock } from '../life/lock.js';
import type { DeviceReport, Unsubscribe } from '../ports.js';
import { privateFolder } from '../program/private-folder.js';
import { runProgram, type ProgramEnd } from '../program/run.js';
import type { Timers } from '../timers.js';
import type { CameraDelays } from './delays.js';
import type { Photograph, PhotographFailure } from './face.js';
import { judgePhotograph } from './picture-check.js';

export type CameraOptions = {
  /** `fswebcam`, or a program that speaks its language. */
  readonly program: string;
  readonly device: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Frames thrown away first, while the camera finds its exposure. */
  readonly skipFrames: number;
  readonly delays: CameraDelays;
  readonly timers: Timers;
};

export const ABSENT: DeviceReport = { state: 'absent', problem: { code: 'camera-absent' } };

/** fswebcam's own picture source, which needs no camera. */
const TEST_SOURCE = /^TEST:/u;

/** Whether there is a camera at all: the character device that its driver made. */
export function isCameraThere(device: string): boolean {
  return TEST_SOURCE.test(device) || statSync(device, { throwIfNoEntry: false })?.isCharacterDevice() === true;
}

/** One camera while its device node is there. Each photograph opens it anew, so that its light is off in between. */
export class CameraDriver implements LiveDriver {
  private readonly options: CameraOptions;
  private readonly lock = new Lock();
  private readonly lost = new Listeners<string>();
  private readonly closing = new AbortController();
  private report: DeviceReport = { state: 'ready' };

  constructor(options: CameraOptions) {
    this.options = options;
  }

  onLost(listener: (why: string) => void): Unsubscribe {
    return this.lost.add(listener);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.lock.hold(async () => undefined);
  }

  /** That it gave no picture is remembered until it gives one, or is plugged in again. */
  async look(): Promise<Look> {
    const { device } = this.options;
    return isCameraThere(device) ? { found: 'answer', report: this.report } : { found: 'gone', why: `${device} is gone` };
  }

  async photograph(wanted: AbortSignal | undefined): Promise<Result<Photograph, PhotographFailure>> {
    return this.lock.hold(async () => {
      const taken = await this.intoFolder(wanted);
      if (taken.ok) {
        this.report = { state: 'ready' };
        return taken;
      }
      const { code, detail } = taken.error;
      if (code === 'camera-absent') this.lost.tell(detail);
      if (code === 'camera-error') this.report = { state: 'trouble', problem: { code, values: { detail: detail.slice(0, 120) } } };
      return taken;
    });
  }

  private async intoFolder(wanted: AbortSignal | undefined): Promise<Result<Photograph, PhotographFailure>> {
    const folder = privateFolder();
    if (!folder.ok) return failure('camera-error', folder.error.detail);
    const { path, discard } = folder.value;
    const taken = await this.into(path, wanted);
    if (taken.ok) return ok({ ...taken.value, discard });
    discard();
    return taken;
  }

  private async into(folder: string, wanted: AbortSignal | undefined): Promise<Result<Omit<Photograph, 'discard'>, PhotographFailure>> {
    const { program, device, widthPx, heightPx, skipFrames, delays, timers } = this.options;
    const file = join(folder, 'photograph.jpg');
    const twin = join(folder, 'photograph.png');
    const size = ['--device', device, '--resolution', `${widthPx}x${heightPx}`, '--skip', String(skipFrames), '--no-banner'];
    const end = await runProgram({
      program,
      words: [...size, '--jpeg', '90', '--save', file, '--png', '1', '--save', twin],
      folder,
      signal: wanted === undefined ? this.closing.signal : AbortSignal.any([wanted, this.closing.signal]),
      delays: { wholeMs: delays.pictureMs, silenceMs: delays.pictureMs, lastWordsMs: delays.pictureMs, interruptMs: delays.interruptMs },
      timers,
    });
    const [jpeg, png] = await Promise.all([readIfThere(file), readIfThere(twin)]);
    if (end.ended !== 'by-itself' || end.code !== 0 || jpeg === undefined || png === undefined) {
      return { ok: false, error: isCameraThere(device) ? faultOf(end) : { code: 'camera-absent', detail: `${device} is gone` } };
    }
    const judged = judgePhotograph(jpeg, png);
    if (!judged.ok) return judged;
    return ok({ file, bytes: jpeg.length, sha256: createHash('sha256').update(jpeg).digest('hex'), ...judged.value });
  }
}

async function readIfThere(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch(() => undefined);
}

/** fswebcam ends with 0 even when there is no camera: what counts is the picture, and what it said tells why there is none. */
function faultOf(end: ProgramEnd): PhotographFailure {
  if (end.ended === 'not-started') return failure('camera-error', `fswebcam can not be started: ${end.why}`).error;
  if (end.ended === 'stopped') return { code: end.by === 'aborted' ? 'cancelled' : 'camera-error', detail: end.why };
  // Colours and bold are escape sequences.
  const lines = end.error.replaceAll(/\u001b\[[\d;]*m/gu, '').split('\n');
  const busy = lines.find((line) => line.includes('Device or resource busy'));
  if (busy !== undefined) return { code: 'camera-busy', detail: busy.trim().slice(0, 200) };
  const last = lines.findLast((line) => line.trim() !== '' && !line.startsWith('---') && !/closed\.$|opened\.$/u.test(line));
  return { code: 'camera-error', detail: (last ?? `fswebcam ended with ${end.code}`).trim().slice(0, 200) };
}
