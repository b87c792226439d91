import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { CommandFailure, print, type RegisterCommands } from '#platform/console/command.js';
import { formatRupees } from '#protocol/money/paise.js';

type DemoOptions = { readonly dir: string; readonly width: '58mm' | '80mm'; readonly scripted?: boolean; readonly extraDevices: boolean };

async function demo(options: DemoOptions): Promise<void> {
  const byHand = process.stdin.isTTY && process.stdout.isTTY && options.scripted !== true;
  const { buildWorld } = await import('./world.js');
  const root = resolve(options.dir);
  print(`Jharokha demonstration district, Jaipur, in ${options.dir} (made anew each time)`);
  const world = await buildWorld(root, {
    width: options.width,
    devices: byHand && options.extraDevices ? 'all' : 'sale',
    say: (line) => print(`  ${line}`),
  });
  try {
    await world.startAgent();
    if (byHand) {
      await (await import('./by-hand.js')).workByHand(world);
      await (await import('./evidence.js')).leaveFiles(world, (line) => print(`  ${line}`));
    } else await scripted(world);
  } finally {
    await world.close();
  }
}

async function scripted(world: import('./world.js').World): Promise<void> {
  const [{ ScriptedDay }, { gatherEvidence }] = await Promise.all([import('./scripted.js'), import('./evidence.js')]);
  const say = (line: string): void => print(`  ${line}`);
  const day = new ScriptedDay(world, say);
  let served;
  try {
    await day.openCounter();
    served = [await day.electricityByScan(), await day.waterByTyping(), await day.telephoneWithoutLink()];
    for (const line of (await day.linkReturns()).trimEnd().split('\n')) say(line);
    await day.inHindi();
  } finally {
    await day.close();
  }
  const { faults } = await gatherEvidence(world, served, say);
  print('');
  for (const one of served) print(`  ${one.what.padEnd(46)} Rs ${formatRupees(one.expectedPaise).padStart(12)}  to ${one.department}`);
  print(`  left in ${world.root}: ledger.cborseq district.pub receipts/ screens/ books.journal`);
  if (faults.length > 0) throw new CommandFailure(`the day does not add up:\n  ${faults.join('\n  ')}`);
  print('  every sale, receipt, posting and book agrees');
}

export const register: RegisterCommands = (parent: Command) => {
  parent
    .description(
      "a whole district on this machine: hub, departments, one enrolled kiosk with virtual devices (jharokha dock moves them), and the operator's screen",
    )
    .option('--dir <folder>', 'where the demonstration lives', 'var/demo')
    .addOption(new Option('--width <width>', "of the virtual printer's paper").choices(['58mm', '80mm']).default('58mm'))
    .option('--no-extra-devices', 'only the virtual devices that a sale needs: printer and scanner')
    .option('--scripted', 'serve three citizens by script even when this is a terminal')
    .action(demo);
};
