import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BlobFault, type BlobStore, startBlobStore } from './blobStore.ts';

let store: BlobStore;

beforeAll(async () => {
  store = await startBlobStore();
});

afterAll(() => store.close());

const read = async (blobId: string, method = 'GET'): Promise<string> => {
  const options = { method, redirect: 'manual' as const, signal: AbortSignal.timeout(300) };
  try {
    const answer = await fetch(`${store.url}/v1/blobs/${blobId}`, options);
    const length = answer.headers.get('content-length');
    const text = `${answer.status} ${length} `;
    if (length !== null && Number(length) > 1e6) return text;
    return text + (await answer.text());
  } catch (error) {
    return (error as Error).name;
  }
};

it('hands out what was put, by an id of 43 characters, and counts who asked', async () => {
  const blobId = store.put('some bytes');
  expect(blobId).toMatch(/^[\w-]{43}$/);
  expect(await read(blobId)).toBe('200 10 some bytes');
  expect(await read(blobId, 'HEAD')).toBe('200 10 ');
  expect(store.count(blobId)).toBe(2);
  store.remove(blobId);
  expect(await read(blobId)).toMatch(/^404/);
});

it.each<[BlobFault, RegExp]>([
  ['missing', /^404/],
  ['error', /^500/],
  ['hang', /^TimeoutError$/],
  ['drip', /^TimeoutError$/],
  ['redirect', /^302/],
  ['truncated', /^TypeError$/],
  ['huge', /^200 1073741824/],
  ['endless', /^(TimeoutError|AbortError)$/],
  ['wrong', /^200 10 \{{10}$/],
  ['html', /^200 null <html>/],
])('fails one blob or all: %s', async (fault, expected) => {
  const [bad, good] = [store.put('some bytes'), store.put('other bytes')];
  store.setFault(bad, fault);
  expect(await read(bad)).toMatch(expected);
  expect(await read(good)).toBe('200 11 other bytes');
  store.setFault(bad, null);
  store.failAll(fault);
  expect(await read(good)).not.toBe('200 11 other bytes');
  store.failAll(null);
  expect(await read(bad)).toBe('200 10 some bytes');
});

it('serves the same blobs from a second aggregator, and may refuse HEAD alone', async () => {
  const second = await startBlobStore(store.blobs);
  const blobId = store.put('shared');
  second.failAll('no-head');
  const statuses = ['HEAD', 'GET'].map(
    async (method) => (await fetch(`${second.url}/v1/blobs/${blobId}`, { method })).status,
  );
  expect(await Promise.all(statuses)).toEqual([405, 200]);
  expect(second.count()).toBe(2);
  await second.close();
});
