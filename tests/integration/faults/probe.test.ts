import { World } from '../../support/world.js';
describe('probe', () => {
  it('sells', async () => {
    const t0 = performance.now();
    const world = await World.open();
    const t1 = performance.now();
    const kiosk = world.kiosk();
    await kiosk.start();
    const screen = await kiosk.openCounter();
    const t2 = performance.now();
    const done = await kiosk.sell(screen, world.nextBill('JVVNL'));
    const t3 = performance.now();
    process.stdout.write(JSON.stringify({ open: t1 - t0, counter: t2 - t1, sell: t3 - t2, steps: done.sale.steps }) + '\n');
    await world.close();
    process.stdout.write(`close ${performance.now() - t3}\n`);
  });
});
