import type { LookupAddress } from 'node:dns';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { boundedGet } from '../../../src/sources/http/boundedGet.ts';
import {
  CertificateMismatch,
  type Lookup,
  PinnedAgent,
  type PinOptions,
  RefusedAddress,
} from '../../../src/sources/http/pinnedAgent.ts';
import { makeTlsIdentity } from '../../devnet/certificates.ts';
import { type HttpsServer, startHttps } from '../../rigs/httpsServer.ts';

let server: HttpsServer;
beforeEach(async () => {
  server = await startHttps((_, response) => response.end('hello'));
});
afterEach(() => server.close());

const agentOf = (more: Partial<PinOptions> = {}): PinnedAgent =>
  new PinnedAgent({
    allowPrivate: true,
    certificateDer: null,
    onCertificate: () => undefined,
    connectTimeoutMs: 2_000,
    ...more,
  });
const leadsTo =
  (...addresses: LookupAddress[]): Lookup =>
  (_, callback) =>
    callback(null, addresses);
const get = async (agent: PinnedAgent, host = '127.0.0.1', port = server.port): Promise<string> => {
  try {
    const answer = await boundedGet(new URL(`https://${host}:${port}/`), agent, AbortSignal.timeout(2_000));
    return answer.body.toString();
  } finally {
    agent.destroy();
  }
};

describe('where a name leads', () => {
  test.each([
    ['127.0.0.1', 4],
    ['0.0.0.0', 4],
    ['169.254.169.254', 4],
    ['100.64.0.1', 4],
    ['10.1.2.3', 4],
    ['224.0.0.1', 4],
    ['::1', 6],
    ['::ffff:127.0.0.1', 6],
    ['fe80::1', 6],
    ['fd00::1', 6],
  ])('a name that leads to %s is refused before anything is connected', async (address, family) => {
    const agent = agentOf({ allowPrivate: false, lookup: leadsTo({ address, family }) });
    await expect(get(agent, 'node.example.com')).rejects.toBeInstanceOf(RefusedAddress);
    expect(server.connections()).toBe(0);
  });

  test('a name with several addresses, none of them public, is refused after one look-up', async () => {
    const asked: string[] = [];
    const agent = agentOf({
      allowPrivate: false,
      lookup: (name, callback) => {
        asked.push(name);
        leadsTo({ address: '127.0.0.1', family: 4 }, { address: '192.0.2.1', family: 4 })(name, callback);
      },
    });
    await expect(get(agent, 'node.example.com')).rejects.toBeInstanceOf(RefusedAddress);
    expect(asked).toEqual(['node.example.com']);
    expect(server.connections()).toBe(0);
  });

  test('a name without any address is refused, not crashed on', async () => {
    await expect(get(agentOf({ allowPrivate: false, lookup: leadsTo() }), 'a.example.com')).rejects.toBeInstanceOf(
      RefusedAddress,
    );
  });

  test('where private addresses are allowed the same name is asked', async () => {
    const agent = agentOf({ lookup: leadsTo({ address: '127.0.0.1', family: 4 }) });
    expect(await get(agent, 'node.example.com')).toBe('hello');
  });

  test('an address that is written out skips DNS, and is refused at the connection', async () => {
    const lookup = vi.fn<Lookup>();
    await expect(get(agentOf({ allowPrivate: false, lookup }))).rejects.toBeInstanceOf(RefusedAddress);
    expect(lookup).not.toHaveBeenCalled();
    // A connection was made, but no request was sent over it.
    expect(server.paths).toEqual([]);
  });

  test('a failing look-up is the connection’s error', async () => {
    const lookup: Lookup = (_, callback) =>
      callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);
    await expect(get(agentOf({ lookup }), 'node.example.com')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

describe('which certificate', () => {
  test('the registered one, byte for byte, is let through and shown', async () => {
    const seen: Uint8Array[] = [];
    const agent = agentOf({ certificateDer: server.certificateDer, onCertificate: (der) => seen.push(der) });
    expect(await get(agent)).toBe('hello');
    expect(Buffer.compare(seen[0] as Uint8Array, server.certificateDer)).toBe(0);
  });

  test('another one is shown and ends the connection before a byte of HTTP', async () => {
    const seen: Uint8Array[] = [];
    const { certificateDer } = await makeTlsIdentity();
    const agent = agentOf({ certificateDer, onCertificate: (der) => seen.push(der) });
    await expect(get(agent)).rejects.toBeInstanceOf(CertificateMismatch);
    expect(seen).toHaveLength(1);
    expect(server.paths).toEqual([]);
  });

  test('one that differs in its last byte is another one', async () => {
    const certificateDer = Uint8Array.from(server.certificateDer);
    certificateDer[certificateDer.length - 1] = (certificateDer.at(-1) as number) ^ 1;
    await expect(get(agentOf({ certificateDer }))).rejects.toBeInstanceOf(CertificateMismatch);
    await expect(get(agentOf({ certificateDer: server.certificateDer.slice(0, -1) }))).rejects.toBeInstanceOf(
      CertificateMismatch,
    );
  });
});

describe('a peer that accepts and says nothing', () => {
  let silent: Server;
  const sockets = new Set<Socket>();
  beforeEach(async () => {
    silent = createServer((socket) => {
      sockets.add(socket);
      // Reads on, so that it notices the other end going away.
      socket.resume();
      socket.on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => silent.close(() => resolve()));
  });
  const port = (): number => (silent.address() as { port: number }).port;

  test('is given up after the connect time-out', async () => {
    await expect(get(agentOf({ connectTimeoutMs: 100 }), '127.0.0.1', port())).rejects.toMatchObject({
      code: 'ETIMEDOUT',
    });
  });

  test('holds no connection beyond the end of the probe', async () => {
    const agent = agentOf({ connectTimeoutMs: 60_000 });
    const url = new URL(`https://127.0.0.1:${port()}/`);
    await expect(boundedGet(url, agent, AbortSignal.timeout(100))).rejects.toThrow();
    agent.destroy();
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });
});
