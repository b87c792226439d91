import { parentPort, workerData } from 'node:worker_threads';
import { verifyBytes, verifyKey } from '#protocol/signing/keys.js';

type Task = { readonly publicKey: Uint8Array; readonly message: Uint8Array; readonly signature: Uint8Array; readonly count: number };

/** One core's share of the two-core ceiling: tells its own rate, so that starting the thread is not in it. */
const { publicKey, message, signature, count } = workerData as Task;
const key = verifyKey(publicKey);
for (let i = 0; i < 200; i += 1) verifyBytes(key, message, signature);
const begun = performance.now();
for (let i = 0; i < count; i += 1) if (!verifyBytes(key, message, signature)) throw new Error('a good signature verifies');
parentPort?.postMessage((count * 1_000) / (performance.now() - begun));
