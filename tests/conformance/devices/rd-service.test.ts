import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { startRdSimulator } from '../../../firmware-agent/devices/aadhaar/simulator/simulator.js';
import { rdContract, type RdBench } from '../../unit/devices/aadhaar/contract.js';

const PYTHON = '/usr/bin/python3';
const HAS_PYTHON = spawnSync(PYTHON, ['--version']).status === 0;
const HAS_CURL = spawnSync('curl', ['--version']).status === 0;
const run = promisify(execFile);

if (HAS_PYTHON) rdContract('an RD service in Python on a raw socket', pythonService);
else it.skip('aadhaar capture by an RD service in Python needs /usr/bin/python3, which is not installed here');

async function pythonService(): Promise<RdBench> {
  const script = join(import.meta.dirname, '../../../../tests/conformance/devices/rd_service.py');
  const child = spawn(PYTHON, ['-B', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = await lines.next();
    return line.done === true ? assert.fail('the Python service ended') : line.value;
  };
  const order = async (line: string): Promise<string> => {
    child.stdin.write(`${line}\n`);
    return next();
  };
  return {
    port: Number.parseInt(await next(), 10),
    finger: async (quality) => void (await order(`finger ${quality}`)),
    async code(code, times) {
      for (let i = 0; i < times; i += 1) await order(`code ${code}`);
    },
    status: async (status) => void (await order(`status ${status}`)),
    registered: async (registered) => void (await order(`registered ${registered}`)),
    lastData: () => order('data'),
    end: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill();
      }),
  };
}

describe('curl, an independent client, on the virtual RD service', () => {
  if (!HAS_CURL) it.skip('needs curl, which is not installed here');
  else
    it('discovers, asks and captures with the verbs of the specification', async () => {
      const sim = await startRdSimulator('127.0.0.1', [{ maker: 'mantra', modality: 'finger', port: 0 }]);
      const curl = async (verb: string, path: string, ...more: readonly string[]): Promise<string> =>
        (await run('curl', ['-sS', '--noproxy', '*', '-w', '\n%{http_code}', '-X', verb, ...more, `http://127.0.0.1:${sim.ports[0]}${path}`])).stdout;
      try {
        assert.match(await curl('RDSERVICE', '/'), /status="READY".*<Interface id="DEVICEINFO" path="\/rd\/info"\/>[^]*200$/u);
        assert.match(await curl('DEVICEINFO', '/rd/info'), /dpId="JHAROKHA\.VIRTUAL"[^]*200$/u);
        await sim.order({ do: 'finger', quality: 66 });
        const body = '<PidOptions ver="1.0"><Opts fCount="1" fType="2" format="0" pidVer="2.0" timeout="3000" env="S"/></PidOptions>';
        assert.match(
          await curl('CAPTURE', '/rd/capture', '-H', 'Content-Type: text/xml', '--data-binary', body),
          /errCode="0".*qScore="66"[^]*<\/PidData>\n200$/u,
        );
        assert.match(await curl('GET', '/'), /405$/u);
      } finally {
        await sim.close();
      }
    });
});
