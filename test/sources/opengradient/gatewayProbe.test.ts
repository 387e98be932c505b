import { generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createPlainServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { keccak256 } from 'viem';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/lib/clock.ts';
import type { Hex, TeeRecord } from '../../../src/lib/facts.ts';
import { type ProbeOptions, probeAll, probeGateway } from '../../../src/sources/opengradient/gatewayProbe.ts';
import { makeTlsIdentity, type TlsIdentity } from '../../devnet/certificates.ts';
import { DevGateway } from '../../devnet/gateway.ts';
import { type HttpsServer, startHttps } from '../../rigs/httpsServer.ts';

const options: ProbeOptions = { allowPrivate: true, clock: systemClock, timeoutMs: 3_000 };

const recordOf = (more: Partial<TeeRecord>): TeeRecord => ({
  teeId: keccak256('0x01'),
  owner: '0x1111111111111111111111111111111111111111',
  paymentAddress: '0x1111111111111111111111111111111111111111',
  endpoint: 'https://node.example.com',
  publicKeyDer: new Uint8Array(),
  tlsCertificateDer: new Uint8Array(),
  pcrHash: keccak256('0x02'),
  teeType: 0,
  enabled: true,
  registeredAtSeconds: 0,
  lastHeartbeatAtSeconds: 0,
  layout: 11,
  ohttp: null,
  ...more,
});
const recordFor = ({ teeId, endpoint, tlsCertificateDer }: DevGateway): TeeRecord =>
  recordOf({ teeId, endpoint, tlsCertificateDer });

describe('a gateway', () => {
  let gateway: DevGateway;
  beforeAll(async () => {
    gateway = await DevGateway.start('amber');
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.fault = 'none';
  });

  test('with its own certificate and key is ok, with everything measured', async () => {
    const result = await probeGateway(recordFor(gateway), options);
    expect(result).toMatchObject({
      outcome: 'ok',
      detail: '',
      certificateMatches: true,
      identityMatches: true,
      heartbeatErrors: 0,
      heartbeatLastError: null,
    });
    expect(result.latencyMs).toBeGreaterThan(0);
    // It says that its price is 40 s old; a moment passes.
    expect(result.priceAgeSeconds).toBeGreaterThanOrEqual(39);
    expect(result.priceAgeSeconds).toBeLessThanOrEqual(60);
    expect(result.certificateExpiresAtSeconds).toBeGreaterThan(Date.now() / 1000 + 80 * 86_400);
  });

  test('with a stale price feed is reached, and the age of its price told', async () => {
    gateway.fault = 'stale-price';
    const result = await probeGateway(recordFor(gateway), options);
    expect(result.outcome).toBe('ok');
    expect(result.priceAgeSeconds).toBeGreaterThanOrEqual(3_599);
  });

  test('whose signing key hashes to another node id has the wrong identity', async () => {
    gateway.fault = 'wrong-identity';
    const result = await probeGateway(recordFor(gateway), options);
    expect(result).toMatchObject({ outcome: 'wrong-identity', identityMatches: false, certificateMatches: true });
    expect(result.detail).toMatch(/^its signing key belongs to node 0x[0-9a-f]{12}…$/);
  });

  test('that was registered under another id has the wrong identity', async () => {
    const result = await probeGateway({ ...recordFor(gateway), teeId: keccak256('0x0f') }, options);
    expect(result).toMatchObject({ outcome: 'wrong-identity', identityMatches: false });
  });

  test('that beats to another registry is reached, and that is told', async () => {
    gateway.registry = '0x2222222222222222222222222222222222222222';
    const expectedRegistry: Hex = '0x3333333333333333333333333333333333333333';
    const result = await probeGateway(recordFor(gateway), { ...options, expectedRegistry });
    expect(result).toMatchObject({ outcome: 'ok', heartbeatLastError: 'it sends heartbeats to another registry' });
  });

  test.each([
    ['html', 'answered something that is not a gateway’s /health'],
    ['error', 'answered HTTP 500'],
  ] as const)('that answers %s is a bad response', async (fault, detail) => {
    gateway.fault = fault;
    expect(await probeGateway(recordFor(gateway), options)).toMatchObject({ outcome: 'bad-response', detail });
  });

  test('that is slow is a time-out, in time', async () => {
    gateway.fault = 'slow';
    const startedAt = Date.now();
    const result = await probeGateway(recordFor(gateway), { ...options, timeoutMs: 300 });
    expect(result).toMatchObject({ outcome: 'timeout', latencyMs: null, certificateMatches: true });
    expect(Date.now() - startedAt).toBeLessThan(2_500);
  });

  test('without a registered certificate is asked, and the question of the certificate stays open', async () => {
    const result = await probeGateway({ ...recordFor(gateway), tlsCertificateDer: new Uint8Array() }, options);
    expect(result).toMatchObject({ outcome: 'ok', certificateMatches: null });
  });

  test('with another certificate than the registered one is told apart from one that is down', async () => {
    const registered = recordFor(gateway);
    await gateway.swapCertificate();
    expect(await probeGateway(registered, options)).toMatchObject({
      outcome: 'certificate-mismatch',
      certificateMatches: false,
      identityMatches: null,
      latencyMs: null,
    });
    await gateway.stop();
    expect(await probeGateway(registered, options)).toMatchObject({
      outcome: 'unreachable',
      detail: 'could not connect (ECONNREFUSED)',
      certificateMatches: null,
    });
    await gateway.listen();
  });

  test('with the registered certificate, expired, is reached, and the expiry told', async () => {
    const from = new Date('2020-01-01T00:00:00Z');
    const to = new Date('2021-01-01T00:00:00Z');
    await gateway.swapCertificate(await makeTlsIdentity(from, to));
    expect(await probeGateway(recordFor(gateway), options)).toMatchObject({
      outcome: 'ok',
      certificateMatches: true,
      certificateExpiresAtSeconds: to.getTime() / 1000,
    });
  });

  test('on a private address is not asked unless that is allowed', async () => {
    const result = await probeGateway(recordFor(gateway), { ...options, allowPrivate: false });
    expect(result).toMatchObject({ outcome: 'not-asked', detail: 'the endpoint is a private address' });
  });

  test('behind a name that leads to a private address is not asked unless that is allowed', async () => {
    const port = new URL(gateway.endpoint).port;
    const named = { ...recordFor(gateway), endpoint: `https://node.example.com:${port}` };
    const lookup: ProbeOptions['lookup'] = (_, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);
    expect(await probeGateway(named, { ...options, lookup, allowPrivate: false })).toMatchObject({
      outcome: 'not-asked',
      detail: 'the name leads to a private address',
    });
    expect(await probeGateway(named, { ...options, lookup })).toMatchObject({ outcome: 'ok' });
  });
});

describe('a hostile endpoint', () => {
  let tls: TlsIdentity;
  let server: HttpsServer | null = null;
  beforeAll(async () => {
    tls = await makeTlsIdentity();
  });
  afterEach(async () => {
    await server?.close();
    server = null;
  });

  const serve = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<TeeRecord> => {
    server = await startHttps(answer, tls);
    return recordOf({ endpoint: server.endpoint, tlsCertificateDer: server.certificateDer });
  };

  test.each([301, 302, 307, 308])('that redirects (%i) to 127.0.0.1 is not followed', async (status) => {
    const inner = await startHttps((_, response) => response.end('{"status":"OK"}'));
    try {
      const record = await serve((_, response) => {
        response.writeHead(status, { location: `${inner.endpoint}/health` });
        response.end();
      });
      expect(await probeGateway(record, options)).toMatchObject({
        outcome: 'bad-response',
        detail: `answered with a redirect (HTTP ${status}), which is not followed`,
      });
      expect(inner.connections()).toBe(0);
    } finally {
      await inner.close();
    }
  });

  test('that answers more than 64 KiB is cut off there', async () => {
    let written = 0;
    const record = await serve((_, response) => {
      const chunk = Buffer.alloc(16_384, 'x');
      const more = (): void => {
        while (!response.destroyed && written < 64 * 1024 * 1024) {
          written += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', more);
            return;
          }
        }
      };
      more();
    });
    expect(await probeGateway(record, options)).toMatchObject({
      outcome: 'bad-response',
      detail: 'the answer is larger than 64 KiB',
    });
    expect(written).toBeLessThan(16 * 1024 * 1024);
  });

  test('that answers exactly 64 KiB is read', async () => {
    const record = await serve((request, response) => {
      const health = '{"status":"ok"}';
      response.end(request.url === '/health' ? health.padEnd(64 * 1024, ' ') : '{}');
    });
    expect(await probeGateway(record, options)).toMatchObject({ outcome: 'ok', identityMatches: null });
  });

  test('that drips its body ends with the deadline, however lively it is', async () => {
    const record = await serve((_, response) => {
      const timer = setInterval(() => response.write(' '), 20);
      response.once('close', () => clearInterval(timer));
    });
    const startedAt = Date.now();
    expect(await probeGateway(record, { ...options, timeoutMs: 300 })).toMatchObject({ outcome: 'timeout' });
    expect(Date.now() - startedAt).toBeLessThan(2_500);
  });

  test('that sends endless headers is a bad response', async () => {
    const record = await serve((_, response) => {
      response.writeHead(200, { 'x-large': 'a'.repeat(40_000) });
      response.end('{"status":"ok"}');
    });
    expect(await probeGateway(record, options)).toMatchObject({ outcome: 'bad-response' });
  });

  test('that breaks off in the middle of its answer is no ok', async () => {
    const record = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"status":"ok"}');
      setTimeout(() => response.destroy(), 20);
    });
    const { outcome, latencyMs } = await probeGateway(record, options);
    expect(['bad-response', 'unreachable']).toContain(outcome);
    expect(latencyMs).toBeNull();
  });

  test('that says of itself that it is not healthy is believed', async () => {
    const record = await serve((_, response) => response.end('{"status":"degraded"}'));
    expect(await probeGateway(record, options)).toMatchObject({
      outcome: 'bad-response',
      detail: 'says of itself that it is not healthy',
    });
  });

  test('that hangs on the further questions is reached all the same', async () => {
    const record = await serve((request, response) => {
      if (request.url === '/health') response.end('{"status":"ok"}');
    });
    expect(await probeGateway(record, { ...options, timeoutMs: 300 })).toMatchObject({
      outcome: 'ok',
      identityMatches: null,
      heartbeatErrors: null,
    });
  });

  test('whose words are long and full of control characters gets them cleaned and cut', async () => {
    const record = await serve((request, response) => {
      const status = { total_errors: 3, last_error: `\u0000\u202e${'e'.repeat(5_000)}`, tee_id: keccak256('0x01') };
      response.end(JSON.stringify(request.url === '/health' ? { status: 'ok' } : status));
    });
    const result = await probeGateway(record, options);
    expect(result).toMatchObject({ outcome: 'ok', heartbeatErrors: 3 });
    expect(result.heartbeatLastError).toBe(`${'e'.repeat(159)}…`);
  });

  test('that beats for another node id has the wrong identity', async () => {
    const record = await serve((request, response) => {
      response.end(JSON.stringify(request.url === '/health' ? { status: 'ok' } : { tee_id: keccak256('0x0a') }));
    });
    expect(await probeGateway(record, options)).toMatchObject({
      outcome: 'wrong-identity',
      detail: 'it sends heartbeats for another node id',
    });
  });

  test('that beats for another node id, or writes it without 0x, is believed by its key', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const teeId = keccak256(Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' })));
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    for (const [says, word] of [
      [teeId.slice(2).toUpperCase(), null],
      [keccak256('0x0a'), 'it sends heartbeats for another node id'],
    ]) {
      const record = await serve((request, response) => {
        const answers: Record<string, unknown> = { '/health': { status: 'ok' }, '/signing-key': { public_key: pem } };
        response.end(JSON.stringify(answers[request.url ?? ''] ?? { tee_id: says }));
      });
      const expected = { outcome: 'ok', identityMatches: true, heartbeatLastError: word };
      expect(await probeGateway({ ...record, teeId }, options)).toMatchObject(expected);
      await server?.close();
    }
  });

  test.each([
    ['milliseconds', () => Date.now(), null],
    ['the day after tomorrow', () => Date.now() / 1000 + 2 * 86_400, null],
    // Clocks differ a little.
    ['two minutes ahead', () => Date.now() / 1000 + 120, 0],
  ])('whose price has a time in %s is not fresh for that', async (_, time, age) => {
    const record = await serve((_request, response) =>
      response.end(JSON.stringify({ status: 'ok', price_feed: { last_success: time() } })),
    );
    expect(await probeGateway(record, options)).toMatchObject({ outcome: 'ok', priceAgeSeconds: age });
  });

  test('registered as plain http is not asked at all', async () => {
    const record = await serve((_, response) => response.end('{"status":"ok"}'));
    const endpoint = record.endpoint.replace('https:', 'http:');
    expect(await probeGateway({ ...record, endpoint }, options)).toMatchObject({ outcome: 'not-asked' });
    expect(server?.connections()).toBe(0);
  });

  test('that speaks plain http where https is registered cannot be connected to', async () => {
    const plain = createPlainServer((_, response) => response.end('{"status":"ok"}'));
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const endpoint = `https://127.0.0.1:${(plain.address() as AddressInfo).port}`;
    const result = await probeGateway(recordOf({ endpoint }), options);
    expect(result.outcome).toBe('unreachable');
    plain.closeAllConnections();
    plain.close();
  });

  test('is left with no connection after the probe', async () => {
    const record = await serve((_, response) => response.end('{"status":"ok"}'));
    await probeGateway(record, options);
    await expect.poll(() => server?.open()).toBe(0);
    expect(server?.connections()).toBe(1);
    expect(server?.paths).toEqual(['/health', '/signing-key', '/heartbeat/status']);
  });

  test.each(['', 'nonsense', 'https://', 'ftp://x', 'https://u:p@127.0.0.1', 'https://127.0.0.1:99999'])(
    'with the text %j for an endpoint is not asked',
    async (endpoint) => {
      expect(await probeGateway(recordOf({ endpoint }), options)).toMatchObject({ outcome: 'not-asked' });
    },
  );
});

describe('many gateways', () => {
  test('are asked at most so many at a time, one endpoint never twice at once, results in order', async () => {
    const tls = await makeTlsIdentity();
    let now = 0;
    let most = 0;
    const perServer: number[] = [];
    const servers = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        perServer[index] = 0;
        let here = 0;
        return await startHttps((request, response) => {
          if (request.url !== '/health') {
            response.end('{}');
            return;
          }
          now += 1;
          here += 1;
          most = Math.max(most, now);
          perServer[index] = Math.max(perServer[index] ?? 0, here);
          void delay(20 + (index % 3) * 15).then(() => {
            now -= 1;
            here -= 1;
            response.end('{"status":"ok"}');
          });
        }, tls);
      }),
    );
    try {
      // Every endpoint twice, as a restarted enclave has two registrations.
      const records = [...servers, ...servers].map(({ endpoint, certificateDer }, index) =>
        recordOf({ endpoint, tlsCertificateDer: certificateDer, teeId: keccak256(`0x${(index + 16).toString(16)}`) }),
      );
      const results = await probeAll(records, { ...options, concurrency: 3 });
      expect(results.map(({ teeId }) => teeId)).toEqual(records.map(({ teeId }) => teeId));
      expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
      expect(most).toBe(3);
      expect(perServer).toEqual(servers.map(() => 1));
    } finally {
      await Promise.all(servers.map((one) => one.close()));
    }
  });

  test('behind one host are asked one after the other, whatever their paths, and hold up no other', async () => {
    let here = 0;
    let most = 0;
    const order: string[] = [];
    const slow = await startHttps((request, response) => {
      if (request.url !== '/health') {
        response.end('{}');
        return;
      }
      here += 1;
      most = Math.max(most, here);
      void delay(60).then(() => {
        here -= 1;
        order.push('slow');
        response.end('{"status":"ok"}');
      });
    });
    const quick = await startHttps((request, response) => {
      if (request.url === '/health') order.push('quick');
      response.end('{"status":"ok"}');
    });
    try {
      const paths = ['', '/', '/a', '/b?c'].map((path) => `${slow.endpoint}${path}`);
      const records = [...paths, quick.endpoint].map((endpoint) => recordOf({ endpoint }));
      const results = await probeAll(records, { ...options, concurrency: 2 });
      expect(results.map(({ endpoint }) => endpoint)).toEqual(records.map(({ endpoint }) => endpoint));
      expect(most).toBe(1);
      expect(order.indexOf('quick')).toBeLessThan(2);
    } finally {
      await Promise.all([slow.close(), quick.close()]);
    }
  });

  test('end at once when told to stop', async () => {
    const silent = await startHttps(() => undefined);
    try {
      const controller = new AbortController();
      const records = Array.from({ length: 4 }, () => recordOf({ endpoint: silent.endpoint }));
      const probing = probeAll(records, { ...options, timeoutMs: 60_000, concurrency: 2, signal: controller.signal });
      setTimeout(() => controller.abort(), 50);
      expect((await probing).map(({ outcome }) => outcome)).toEqual(records.map(() => 'timeout'));
    } finally {
      await silent.close();
    }
  });
});
