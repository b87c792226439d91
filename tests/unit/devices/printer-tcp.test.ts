import { tcpTransport } from '../../../firmware-agent/devices/transport/tcp.js';
import { printerContract } from './printer-contract.js';

printerContract('tcp', async ({ host, port }) => ({ transport: tcpTransport({ host, port }), end: async () => undefined }), 'heals');
