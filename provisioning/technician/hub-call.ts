import { request as httpRequest } from 'node:http';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { readEnrolAnswer, type EnrolAnswer } from '#protocol/enrolment/enrolment.js';
import { failure, ok, type Failure, type Result } from '#protocol/result/result.js';
import { CBOR_BYTES_MAX } from '#protocol/signing/cbor.js';
import { equalBytes, sha256 } from '#protocol/signing/keys.js';
import { EXPORTER_BYTES, EXPORTER_LABEL } from '#protocol/wire/proof.js';

/** Where a hub is and which key it must show. */
export type PinnedHub = { readonly address: string; readonly fingerprint: Uint8Array };

export type HubCallError = 'hub-unreachable' | 'wrong-hub' | 'bad-answer';

export type HubCall = {
  readonly hub: PinnedHub;
  readonly path: string;
  /** Makes the request's body for one connection, only after the hub has shown the pinned key. @param channel bytes exported from the connection */
  readonly body: (channel: Uint8Array<ArrayBuffer>) => Uint8Array;
  readonly connectTimeoutMs: number;
  readonly answerTimeoutMs: number;
};

/**
 * One request on a connection of its own. The pin decides whom we speak to: a certificate's dates and names are not looked at, so a device whose clock
 * stands at 1970 reaches its hub too. Nothing but the TLS handshake is sent to a hub with another key.
 */
export async function callHub(call: HubCall): Promise<Result<EnrolAnswer, Failure<HubCallError>>> {
  const connected = await connectPinned(call);
  if (!connected.ok) return connected;
  const socket = connected.value;
  try {
    const channel = Uint8Array.from(socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0)));
    return await post(socket, call, call.body(channel));
  } finally {
    socket.destroy();
  }
}

function connectPinned(call: HubCall): Promise<Result<TLSSocket, Failure<HubCallError>>> {
  const at = call.hub.address.lastIndexOf(':');
  const host = call.hub.address.slice(0, at);
  const port = Number.parseInt(call.hub.address.slice(at + 1), 10);
  if (port < 1 || port > 65_535) return Promise.resolve(unreachableHub(call, 'that is not a port'));
  const named = isIP(host) === 0 ? { servername: host } : {};
  return new Promise((resolve) => {
    // The standard check of names and dates is off because the key itself is checked below, before a byte is sent.
    const socket = connect({ host, port, ...named, minVersion: 'TLSv1.3', rejectUnauthorized: false });
    const giveUp = (why: string): void => {
      socket.destroy();
      resolve(unreachableHub(call, why));
    };
    const timer = setTimeout(() => giveUp(`no answer within ${call.connectTimeoutMs} ms`), call.connectTimeoutMs);
    socket.once('close', () => {
      clearTimeout(timer);
      giveUp('the connection was closed');
    });
    socket.on('error', (error: Error) => giveUp(error.message));
    socket.once('secureConnect', () => {
      clearTimeout(timer);
      const shown = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
      if (shown !== undefined && equalBytes(sha256(shown), call.hub.fingerprint)) return resolve(ok(socket));
      socket.destroy();
      return resolve(
        failure(
          'wrong-hub',
          `what answers at ${call.hub.address} is not the hub of the claim: its key is another. The claim was not sent. Tell the administrator`,
        ),
      );
    });
  });
}

function post(socket: TLSSocket, call: HubCall, body: Uint8Array): Promise<Result<EnrolAnswer, Failure<HubCallError>>> {
  return new Promise((resolve) => {
    const cut = (): void => resolve(unreachableHub(call, 'the connection was cut before the answer was whole'));
    const timer = setTimeout(() => resolve(unreachableHub(call, 'the hub did not answer in time')), call.answerTimeoutMs);
    const request = httpRequest({
      createConnection: () => socket,
      method: 'POST',
      path: call.path,
      headers: { host: call.hub.address, 'content-type': 'application/cbor', 'content-length': body.length, connection: 'close' },
    });
    socket.once('close', () => {
      clearTimeout(timer);
      cut();
    });
    request.on('error', cut);
    request.once('response', (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('error', cut);
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size <= CBOR_BYTES_MAX) parts.push(part);
        else resolve(failure('bad-answer', 'the hub sent more than an answer may have'));
      });
      response.once('end', () => {
        clearTimeout(timer);
        if (!response.complete) return cut();
        const answer = readEnrolAnswer(Buffer.concat(parts));
        const status = response.statusCode ?? 0;
        return resolve(answer.ok ? answer : failure('bad-answer', `the hub answered ${status} with something this release does not understand`));
      });
    });
    request.end(body);
  });
}

function unreachableHub(call: HubCall, why: string): Result<never, Failure<HubCallError>> {
  return failure('hub-unreachable', `the hub at ${call.hub.address} can not be reached (${why}); nothing is lost, run the command again`);
}
