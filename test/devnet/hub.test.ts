import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DevHub, type HubFault, startHub } from './hub.ts';

let hub: DevHub;

beforeAll(async () => {
  hub = await startHub();
});

afterAll(() => hub.close());

const get = async (path: string): Promise<{ status: number; body: unknown; retryAfter: string | null }> => {
  const answer = await fetch(`${hub.url}${path}`, { signal: AbortSignal.timeout(300) });
  const body = await answer.json().catch(() => null);
  return { status: answer.status, body, retryAfter: answer.headers.get('retry-after') };
};

it('lists, details, changes and forgets models', async () => {
  hub.publish('acme', 'fraud', { task: 'Classification', files: [{ name: 'a.onnx', blobId: 'id-1', size: 9 }] });
  hub.publish('other', 'fraud');
  hub.addVersion('acme', 'fraud', { version: '1.01', notes: 'better', files: [] });
  expect((await get('/models/?page=0&limit=1')).body).toEqual([
    { name: 'fraud', authorUsername: 'acme', taskName: 'Classification', tags: [] },
  ]);
  expect((await get('/models/?page=2&limit=1')).body).toEqual([]);
  const versions = [
    { version: '1.00', notes: null },
    { version: '1.01', notes: 'better' },
  ];
  expect((await get('/models/fraud?authorUsername=acme')).body).toMatchObject({ versions });
  const files = '/models/fraud/versions/1.00/files?authorUsername=acme';
  expect((await get(files)).body).toEqual([{ name: 'a.onnx', ipfsCid: 'id-1', size: 9 }]);
  hub.state.filesNeedLogin = true;
  expect((await get(files)).status).toBe(401);
  hub.state.wrapped = true;
  expect((await get('/models/?page=1&limit=1')).body).toMatchObject({ models: [{ authorUsername: 'other' }] });
  hub.remove('acme', 'fraud');
  expect((await get('/models/fraud?authorUsername=acme')).status).toBe(404);
});

it.each<[HubFault, number, string | null]>([
  ['error', 500, null],
  ['busy', 429, '30'],
  ['html', 200, null],
  ['not-json', 200, null],
  ['wrong-shape', 200, null],
  ['nulls', 200, null],
])('fails as it is told: %s', async (fault, status, retryAfter) => {
  hub.state.fault = fault;
  expect(await get('/models/?page=0&limit=100')).toMatchObject({ status, retryAfter });
  hub.state.fault = 'hang';
  await expect(get('/models/')).rejects.toThrow('timeout');
  hub.state.fault = null;
  expect((await get('/models/')).status).toBe(200);
});
