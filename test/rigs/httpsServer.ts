import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { makeTlsIdentity, type TlsIdentity } from '../devnet/certificates.ts';

export type HttpsServer = Awaited<ReturnType<typeof startHttps>>;

/** An HTTPS server of a stranger, with a certificate it made itself; writes down what it was asked. */
export async function startHttps(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  tls?: TlsIdentity,
) {
  const identity = tls ?? (await makeTlsIdentity());
  const sockets = new Set<Socket>();
  const paths: string[] = [];
  let connections = 0;
  const server = createServer(
    { key: identity.keyPem, cert: identity.certificatePem },
    (request: IncomingMessage, response: ServerResponse) => {
      paths.push(request.url ?? '');
      answer(request, response);
    },
  );
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    endpoint: `https://127.0.0.1:${port}`,
    certificateDer: identity.certificateDer,
    /** Paths of the requests that arrived, in order. */
    paths,
    /** TCP connections made so far, and those open now. */
    connections: () => connections,
    open: () => sockets.size,
    async close(): Promise<void> {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
