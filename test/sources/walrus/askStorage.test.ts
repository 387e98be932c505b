import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { StorageAnswer } from '../../../src/lib/modelFacts.ts';
import { askStorage } from '../../../src/sources/walrus/askStorage.ts';
import { startBlobStore } from '../../devnet/blobStore.ts';
import { startWebServer, type WebAnswer, type WebServer } from '../../rigs/webServer.ts';
import { SteppingClock } from '../../support/steppingClock.ts';

const BYTES = Buffer.alloc(300_000, 7);
const BLOB = 'hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M';
const PATH = `/v1/blobs/${BLOB}`;

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function aggregator(answer: (method: string, path: string) => WebAnswer | undefined): Promise<WebServer> {
  const server = await startWebServer((path, method) => answer(method, path));
  open.push(server);
  return server;
}
const clock = new SteppingClock();
const ask = (urls: string[], blobId = BLOB, options: { timeoutMs?: number; signal?: AbortSignal } = {}) =>
  askStorage(urls, blobId, { clock, timeoutMs: 1_000, ...options });
const answer = (state: StorageAnswer['state'], reason: string, sizeBytes: number | null = null): StorageAnswer => ({
  blobId: BLOB,
  state,
  reason,
  sizeBytes,
  atMs: clock.now(),
});
const hostOf = ({ url }: { url: string }): string => new URL(url).host;

describe('one aggregator', () => {
  test('that has the blob: readable, with its size, without a byte of it read', async () => {
    const store = await startBlobStore(new Map([[BLOB, BYTES]]));
    open.push(store);
    expect(await ask([`${store.url}/`])).toEqual(answer('readable', `${hostOf(store)} has it`, BYTES.length));
    expect(store.requests).toEqual([{ method: 'HEAD', blobId: BLOB }]);
  });

  test('that has it not: missing', async () => {
    const store = await startBlobStore();
    open.push(store);
    expect(await ask([store.url])).toEqual(answer('missing', `${hostOf(store)} has none`));
  });

  test.each([405, 501, 400])('that answers HEAD with HTTP %d is asked for one byte', async (status) => {
    const server = await aggregator((method) =>
      method === 'HEAD'
        ? { status, body: '' }
        : { status: 206, headers: { 'content-range': 'bytes 0-0/300000' }, body: BYTES.subarray(0, 1) },
    );
    expect(await ask([server.url])).toMatchObject({ state: 'readable', sizeBytes: 300_000 });
    expect(server.asked).toEqual([`HEAD ${PATH}`, `GET ${PATH}`]);
  });

  test('that overlooks the range, too, is not read to its end', async () => {
    let sent = 0;
    const server = await aggregator((method) =>
      method === 'HEAD'
        ? { status: 405, body: '' }
        : (response) => {
            response.writeHead(200, { 'content-length': '1073741824' });
            const more = (): void => {
              while (!response.destroyed && response.write(BYTES)) sent += BYTES.length;
            };
            response.on('drain', more);
            more();
          },
    );
    expect(await ask([server.url])).toMatchObject({ state: 'readable', sizeBytes: 1_073_741_824 });
    expect(sent).toBeLessThan(50_000_000);
  });

  test('a range of unknown length, or of an absurd one, is readable and of no known size', async () => {
    for (const range of ['bytes 0-0/*', 'bytes 0-0/99999999999999999999', 'many', 'bytes 0-0/9007199254740993']) {
      const server = await aggregator((method) =>
        method === 'HEAD' ? { status: 405, body: '' } : { status: 206, headers: { 'content-range': range }, body: 'x' },
      );
      expect(await ask([server.url])).toMatchObject({ state: 'readable', sizeBytes: null });
    }
  });

  test.each([301, 401, 403, 418, 429, 500, 503])('that answers HTTP %d says nothing about the blob', async (status) => {
    const server = await aggregator(() => ({ status, headers: { location: '/elsewhere' }, body: '' }));
    const { state, reason } = await ask([server.url]);
    expect(state).toBe('unknown');
    expect(reason).toContain(`HTTP ${status}`);
    expect(reason).toContain(hostOf(server));
  });

  test('a web page is no blob', async () => {
    const server = await aggregator(() => ({ headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<h1>' }));
    expect(await ask([server.url])).toEqual(answer('unknown', `${hostOf(server)} answered with a web page`));
  });

  test('that never answers, is closed, or has no readable URL: unknown', async () => {
    const silent = await aggregator(() => () => undefined);
    const startedAt = performance.now();
    expect((await ask([silent.url], BLOB, { timeoutMs: 150 })).reason).toBe(
      `${hostOf(silent)} gave no full answer in time`,
    );
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    const closed = await startWebServer(() => undefined);
    await closed.close();
    expect(await ask([closed.url])).toMatchObject({ state: 'unknown', sizeBytes: null });
    expect(await ask(['not a url'])).toMatchObject({ state: 'unknown' });
    expect(await ask([silent.url], BLOB, { signal: AbortSignal.abort() })).toMatchObject({ state: 'unknown' });
  });

  test('the time is for both questions together', async () => {
    const server = await aggregator((method) => (response) => {
      if (method === 'HEAD') setTimeout(() => response.writeHead(405).end(), 200);
    });
    const startedAt = performance.now();
    expect(await ask([server.url], BLOB, { timeoutMs: 400 })).toMatchObject({ state: 'unknown' });
    expect(performance.now() - startedAt).toBeLessThan(550);
  });
});

test('what is no Walrus id is not asked for', async () => {
  const server = await aggregator(() => ({ body: 'x' }));
  const cid = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG';
  expect(await ask([server.url], cid)).toMatchObject({ state: 'unknown', reason: 'IPFS content is not asked for' });
  for (const id of ['', '../../etc/passwd', `${BLOB}/..`, '.'.repeat(43), `${BLOB}\n`]) {
    expect(await ask([server.url], id)).toMatchObject({ state: 'unknown', reason: 'this is no Walrus blob id' });
  }
  expect(server.asked).toEqual([]);
});

test('without an aggregator storage is unknown', async () => {
  expect(await ask([])).toEqual(answer('unknown', 'no aggregator is configured'));
});

describe('several aggregators', () => {
  const has: WebAnswer = { headers: { 'content-length': '5' }, body: '' };
  const none: WebAnswer = { status: 404, body: '' };
  const broken: WebAnswer = { status: 502, body: '' };

  test('law: readable when one has it; else missing when one has none; else unknown', async () => {
    const servers = await Promise.all([has, none, broken].map((each) => aggregator(() => each)));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }), async (kinds) => {
        const { state } = await ask(kinds.map((kind) => servers[kind]?.url as string));
        expect(state).toBe(kinds.includes(0) ? 'readable' : kinds.includes(1) ? 'missing' : 'unknown');
      }),
      { numRuns: 40 },
    );
  });

  test('the reason says who has none, and how many could not be asked', async () => {
    const [a, b, c] = await Promise.all([none, broken, none].map((each) => aggregator(() => each)));
    const { reason } = await ask([a, b, c].map((server) => server?.url as string));
    expect(reason).toBe(`${hostOf(a as WebServer)}, ${hostOf(c as WebServer)} have none; 1 other could not be asked`);
  });

  test('the next one is not asked when one has it', async () => {
    const first = await aggregator(() => has);
    const second = await aggregator(() => has);
    await ask([first.url, second.url]);
    expect(second.asked).toEqual([]);
  });
});
