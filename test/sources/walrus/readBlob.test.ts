import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { readBlob } from '../../../src/sources/walrus/readBlob.ts';

const ID = 'hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M';
const servers: Server[] = [];
let asked: string[] = [];

async function aggregator(answer: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  asked = [];
});

const serves = (body: string): Promise<string> => aggregator((_, response) => response.end(body));
const says = (status: number): Promise<string> => aggregator((_, response) => response.writeHead(status).end('no'));
const hangs = (): Promise<string> => aggregator(() => undefined);
const claims = (bytes: number): Promise<string> =>
  aggregator((_, response) => response.writeHead(200, { 'content-length': String(bytes) }).write('x'));
const CLOSED = 'http://127.0.0.1:1';

test('a blob is read from the first aggregator that serves it, in order', async () => {
  const urls = [await says(500), CLOSED, await says(404), await serves('proof'), await serves('never asked')];
  expect(await readBlob(urls, ID)).toEqual({ kind: 'read', bytes: new TextEncoder().encode('proof') });
  expect(asked).toEqual(Array(3).fill(`/v1/blobs/${ID}`));
});

test('a web page in its place is passed over, and says nothing of the blob', async () => {
  const page = await aggregator((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<h1>Maintenance</h1>'),
  );
  expect(await readBlob([page, await serves('proof')], ID)).toMatchObject({ kind: 'read' });
  const alone = await readBlob([page], ID);
  expect(alone).toEqual({ kind: 'unreadable', reason: `${new URL(page).host} answers with a web page` });
});

test('an aggregator may have a path and a key of its own, which nobody is told', async () => {
  const url = (await says(503)).replace('//', '//me:secret@');
  const found = await readBlob([`${url}/walrus/?key=hidden`], ID);
  expect(asked).toEqual([`/walrus/v1/blobs/${ID}?key=hidden`]);
  expect(found).toMatchObject({ kind: 'unreadable' });
  expect(JSON.stringify(found)).not.toMatch(/secret|hidden|walrus\//);
});

describe('missing is said only when everyone who can know says so', () => {
  test('every aggregator answers 404', async () => {
    expect(await readBlob([await says(404), await says(404)], ID)).toEqual({
      kind: 'missing',
      reason: 'no aggregator has such a blob',
    });
  });

  test.each([
    ['an error', () => says(500)],
    ['no connection', async () => CLOSED],
    ['silence', hangs],
    ['a redirect', () => says(302)],
    ['no text', () => says(204)],
  ])('with %s beside a 404 it is unknown', async (_, other) => {
    const found = await readBlob([await says(404), await other()], ID, { timeoutMs: 200 });
    expect(found).toMatchObject({ kind: 'unreadable', reason: expect.stringMatching(/1 of 2 have no such blob/) });
  });

  test('none that answers, and none at all', async () => {
    expect(await readBlob([CLOSED], ID)).toMatchObject({
      kind: 'unreadable',
      reason: expect.stringMatching(/^127\.0\.0\.1:1 could not be reached/),
    });
    expect(await readBlob([], ID)).toEqual({ kind: 'unreadable', reason: 'no aggregator is configured' });
    expect(await readBlob(['no url'], ID)).toMatchObject({ kind: 'unreadable' });
  });
});

describe('bounds', () => {
  test('a gigabyte is refused by its claim, and nobody else is asked for it', async () => {
    const urls = [await claims(1024 ** 3), await serves('never asked')];
    expect(await readBlob(urls, ID)).toEqual({ kind: 'too-large', reason: 'the blob is larger than 8192 KiB' });
    expect(asked).toHaveLength(1);
  });

  test('a page of errors that is too large says nothing of the blob', async () => {
    const page = await aggregator((_, response) => response.writeHead(404).end('x'.repeat(3_000)));
    expect(await readBlob([page], ID, { maxBytes: 2_048 })).toMatchObject({ kind: 'unreadable' });
    expect(await readBlob([page, await serves('proof')], ID, { maxBytes: 2_048 })).toMatchObject({ kind: 'read' });
  });

  test('one that does not say how large it is, is read no further than the limit', async () => {
    const url = await aggregator((_, response) => {
      response.write('x'.repeat(3_000));
      setTimeout(() => response.end(), 10);
    });
    expect(await readBlob([url], ID, { maxBytes: 2_048 })).toMatchObject({ kind: 'too-large' });
    expect(await readBlob([url], ID, { maxBytes: 3_000 })).toMatchObject({ kind: 'read' });
  });

  test('an aggregator that hangs costs its time only', async () => {
    const found = await readBlob([await hangs(), await serves('proof')], ID, { timeoutMs: 150 });
    expect(found.kind).toBe('read');
  });

  test('whoever stops does not wait, and asks nobody else', async () => {
    const stop = new AbortController();
    const found = readBlob([await hangs(), await serves('proof')], ID, { signal: stop.signal });
    await expect.poll(() => asked.length).toBe(1);
    stop.abort();
    expect(await found).toEqual({ kind: 'unreadable', reason: 'reading it was stopped' });
    expect(asked).toHaveLength(1);
  });
});

test('law: what is no blob id never becomes a URL', async () => {
  const url = await serves('proof');
  const near = fc.tuple(fc.constant(ID), fc.constantFrom('/', '?', '#', '%2e', '\n', ' ', 'é', '..'), fc.nat(43));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string(),
        near.map(([id, put, at]) => id.slice(0, at) + put + id.slice(at)),
        near.map(([id, put, at]) => (id.slice(0, at) + put + id.slice(at)).slice(0, 43)),
        fc.constantFrom('../../admin', `${ID}\n`, '', 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'),
      ),
      async (text) => {
        fc.pre(!/^[A-Za-z0-9_-]{43}$/.test(text) || text.includes('\n'));
        expect(await readBlob([url], text)).toEqual({
          kind: 'unreadable',
          reason: 'the id is none of a Walrus blob',
        });
      },
    ),
  );
  expect(asked).toEqual([]);
});
