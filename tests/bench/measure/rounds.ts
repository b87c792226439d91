/** Runs rounds one after the other; every second one takes its contestants in the opposite order, so that a drift of the machine hits both alike. */
export async function alternating(rounds: number, first: () => void | Promise<void>, second: () => void | Promise<void>): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const [a, b] = round % 2 === 0 ? [first, second] : [second, first];
    await a();
    await b();
  }
}
