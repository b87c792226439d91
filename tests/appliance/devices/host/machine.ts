import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { DESK_PORT, REPORT_PORT } from '../desk-order.js';
import { openInlet, type Inlet } from './inlet.js';
import { startQmp, type Qmp } from './qmp.js';

export const QEMU = 'qemu-system-x86_64';

export type MachineParts = {
  /** For sockets; short, since a unix socket's path may have 107 characters. */
  readonly folder: string;
  readonly kernelImage: string;
  readonly initrd: string;
  readonly consoleLog: string;
  readonly tree: string;
  readonly packages: string;
  /** Where the harness takes the guest's orders. */
  readonly deskPath: string;
};

export type Machine = {
  readonly qmp: Qmp;
  /** What the suites print. */
  readonly report: Socket;
  /** Ends when QEMU has ended, however that came; with its last words when it failed. */
  readonly ended: Promise<string | undefined>;
  readonly kill: () => void;
};

/** Starts a PC in software emulation (TCG): needs no rights and no processor support, only time. Rejects when QEMU ends at once. */
export async function startMachine(parts: MachineParts): Promise<Machine> {
  const inlet = (name: string): Promise<Inlet> => openInlet(join(parts.folder, name));
  const [qmp, report] = [await inlet('qmp'), await inlet(REPORT_PORT)];
  const qemu = spawn(QEMU, argumentsOf(parts, { qmp: qmp.path, report: report.path }), { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = endOf(qemu).finally(() => {
    for (const open of [qmp, report]) open.close();
  });
  const failed = ended.then((why) => Promise.reject(new Error(`QEMU ended: ${why ?? 'without a word'}`)));
  failed.catch(() => undefined);
  const first = async <T>(work: Promise<T>): Promise<T> => Promise.race([work, failed]);
  try {
    return {
      report: await first(report.socket()),
      qmp: await first(qmp.socket().then(startQmp)),
      ended,
      kill: () => void qemu.kill('SIGKILL'),
    };
  } catch (error) {
    qemu.kill('SIGKILL');
    throw error;
  }
}

function argumentsOf(parts: MachineParts, sockets: { readonly qmp: string; readonly report: string }): readonly string[] {
  const port = (name: string, path: string): readonly (readonly string[])[] => [
    ['-chardev', `socket,id=${name},path=${escaped(path)}`],
    ['-device', `virtserialport,chardev=${name},name=${name}`],
  ];
  const share = (tag: string, path: string): readonly (readonly string[])[] => [
    ['-fsdev', `local,id=${tag},path=${escaped(path)},security_model=none,readonly=on,multidevs=remap`],
    ['-device', `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`],
  ];
  return [
    ['-accel', 'tcg', '-smp', '1', '-cpu', 'max', '-m', '1024'],
    ['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ['-kernel', parts.kernelImage, '-initrd', parts.initrd, '-append', 'console=ttyS0 panic=-1 oops=panic mitigations=off nokaslr'],
    ['-chardev', `file,id=console,path=${escaped(parts.consoleLog)}`, '-serial', 'chardev:console'],
    ['-chardev', `socket,id=qmp,path=${escaped(sockets.qmp)}`, '-mon', 'chardev=qmp,mode=control'],
    ['-device', 'virtio-serial-pci'],
    ...port(DESK_PORT, parts.deskPath),
    ...port(REPORT_PORT, sockets.report),
    ['-device', 'qemu-xhci,id=usb'],
    ...share('tree', parts.tree),
    ...share('packages', parts.packages),
  ].flat();
}

/** A comma in a value of QEMU's options is written twice. */
function escaped(path: string): string {
  return path.replaceAll(',', ',,');
}

function endOf(qemu: ChildProcess): Promise<string | undefined> {
  let words = '';
  qemu.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    words = (words + chunk).slice(-4_000);
  });
  return new Promise((resolve) => {
    qemu.once('error', (error) => resolve(error.message));
    qemu.once('close', (code, signal) => resolve(code === 0 ? undefined : `${signal ?? code} ${words.trim()}`));
  });
}
