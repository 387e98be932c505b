import { afterEach, describe, expect, test } from 'vitest';
import { AssayError } from '../../../src/lib/errors.ts';
import { createHub } from '../../../src/sources/opengradient/hub.ts';
import { startHub } from '../../devnet/hub.ts';
import { startWebServer, type WebAnswer, type WebServer } from '../../rigs/webServer.ts';

const BLOB = 'hJD2Ja3akZFt1A2LT-D_1oxOCz_OtuGYw4V9eE1m39M';
const CID = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG';
const ACME = { author: 'acme', name: 'fraud' };
const signal = (): AbortSignal => AbortSignal.timeout(10_000);

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function serve(answer: (path: string) => WebAnswer | undefined): Promise<WebServer> {
  const server = await startWebServer(answer);
  open.push(server);
  return server;
}
async function hubOf(answer: (path: string) => WebAnswer | undefined, timeoutMs = 2_000) {
  const server = await serve(answer);
  return { server, hub: createHub({ url: `${server.url}/api/v0/`, timeoutMs }) };
}
async function devHub() {
  const dev = await startHub();
  open.push(dev);
  return { dev, hub: createHub({ url: dev.url, timeoutMs: 1_000 }) };
}
const pageOf = (path: string): number => Number(new URL(path, 'http://hub').searchParams.get('page'));
const models = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => ({ name: `model-${from + n}`, authorUsername: 'acme' }));
async function failure(asked: Promise<unknown>): Promise<AssayError> {
  const error = await asked.then(
    () => new Error('no failure'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AssayError);
  return error as AssayError;
}

describe('list', () => {
  test('is read page by page, from 0, until a page has fewer than asked', async () => {
    const { dev, hub } = await devHub();
    for (let n = 0; n < 250; n += 1) dev.publish('acme', `model-${n}`, { task: 'forecast', tags: ['a'] });
    const { models: listed, problems } = await hub.list(signal());
    expect(listed.map(({ name }) => name)).toEqual(dev.models.map(({ name }) => name));
    expect(problems).toEqual([]);
    expect(listed[7]).toEqual({
      author: 'acme',
      name: 'model-7',
      task: 'forecast',
      description: null,
      extra: { tags: ['a'] },
      datedAtMs: null,
    });
    expect(dev.requests).toEqual([0, 1, 2].map((page) => `/api/v0/models/?page=${page}&limit=100`));
  });

  test('a full last page is followed by an empty one', async () => {
    const { dev, hub } = await devHub();
    for (let n = 0; n < 100; n += 1) dev.publish('acme', `model-${n}`);
    expect((await hub.list(signal())).models).toHaveLength(100);
    expect(dev.requests).toHaveLength(2);
  });

  test.each(['models', 'data', 'items', 'results'])('may be wrapped in { %s: […] }', async (field) => {
    const { hub } = await hubOf(() => ({ json: { [field]: models(3), total: 3 } }));
    expect((await hub.list(signal())).models).toHaveLength(3);
  });

  test('an empty hub is an empty list', async () => {
    const { hub } = await hubOf(() => ({ json: [] }));
    expect(await hub.list(signal())).toEqual({ models: [], problems: [] });
  });

  test('a hub that overlooks the page number is not asked for ever', async () => {
    const { hub, server } = await hubOf(() => ({ json: models(130) }));
    expect((await hub.list(signal())).models).toHaveLength(130);
    expect(server.asked).toHaveLength(2);
  });

  test('a model that moves to the next page meanwhile is there once', async () => {
    const { hub } = await hubOf((path) => ({ json: pageOf(path) === 0 ? models(100) : models(20, 95) }));
    const { models: listed, problems } = await hub.list(signal());
    expect(new Set(listed.map(({ name }) => name)).size).toBe(115);
    expect(listed).toHaveLength(115);
    expect(problems).toEqual([]);
  });

  test('a list without end is none', async () => {
    const { hub, server } = await hubOf((path) => ({ json: models(100, pageOf(path) * 100) }));
    const error = await failure(hub.list(AbortSignal.timeout(60_000)));
    expect(error.message).toBe('the hub lists more than 50000 models');
    expect(server.asked).toHaveLength(500);
  }, 60_000);

  test('entries without a name or an author are left out and counted', async () => {
    const odd = [null, 7, 'x', [], {}, { name: 'x' }, { authorUsername: 'a' }, { name: '', author: 'a' }];
    const traps = [
      { name: '..', author: 'a' },
      { name: 'c', author: 'a/b' },
    ];
    const { hub } = await hubOf(() => ({ json: [...odd, ...models(2), ...traps] }));
    const { models: listed, problems } = await hub.list(signal());
    expect(listed.map(({ name }) => name)).toEqual(['model-0', 'model-1']);
    expect(problems).toEqual(['10 entries of the hub without a usable name or author']);
  });

  test('a part of the list is no list', async () => {
    const { hub } = await hubOf((path) => (pageOf(path) === 0 ? { json: models(100) } : { status: 500, body: 'no' }));
    const error = await failure(hub.list(signal()));
    expect(error).toMatchObject({ message: 'the hub answered HTTP 500', retryable: true });
  });

  test.each([
    ['7', 7_000],
    ['999999999', 3_600_000],
    ['Sat, 21 Nov 2026 12:02:00 GMT', 120_000],
    ['soon', 0],
    ['-5', 0],
  ])('a busy hub says when to come back: %s', async (text, retryAfterMs) => {
    const headers = { 'retry-after': text, date: 'Sat, 21 Nov 2026 12:00:00 GMT' };
    const { hub } = await hubOf(() => ({ status: 429, headers, body: '' }));
    const error = await failure(hub.list(signal()));
    expect(error).toMatchObject({ message: 'the hub asks for fewer questions', retryable: true, retryAfterMs });
    if (retryAfterMs > 0) expect(error.detail).toContain(`retry-after ${retryAfterMs / 1000} s`);
  });

  test.each([
    ['a web page', { body: '<!doctype html><h1>Sign in</h1>' }],
    ['JSON that is cut', { body: '[{"name":"cut' }],
    ['no bytes', { body: '' }],
    ['an object without a list', { json: { models: 'many' } }],
    ['null', { body: 'null' }],
    ['a depth bomb', { body: '['.repeat(200_000) }],
    ['a well-formed depth bomb', { body: '['.repeat(200_000) + ']'.repeat(200_000) }],
    ['a page of nothing that can be read', { json: [null, 7, { name: null }] }],
    ['a status that is none of ours', { status: 418, body: '' }],
  ] satisfies [string, WebAnswer][])('%s is no list, and may be one later', async (_, answer) => {
    const { hub } = await hubOf(() => answer);
    expect(await failure(hub.list(signal()))).toMatchObject({ retryable: true });
  });

  test('a page larger than 4 MiB is refused', async () => {
    const { hub } = await hubOf(() => ({ json: [{ name: 'x'.repeat(5 * 1024 * 1024), author: 'a' }] }));
    expect((await failure(hub.list(signal()))).message).toContain('sends more than');
  });

  test('a hub that does not answer is given up, and so is one when asked to stop', async () => {
    const { hub } = await hubOf(() => () => undefined, 200);
    expect((await failure(hub.list(signal()))).message).toContain('gave no full answer in time');
    expect((await failure(hub.list(AbortSignal.abort()))).message).toContain('was stopped');
  });

  test('a hub that wants a login is not asked again soon', async () => {
    const { hub } = await hubOf(() => ({ status: 401, body: '' }));
    expect(await failure(hub.list(signal()))).toMatchObject({ message: 'the hub wants a login', retryable: false });
  });
});

describe('names that are not what they seem', () => {
  const RTL = '\u202E';
  const ZERO = '\u200B';

  test('are cleaned, and never take the place of the plain one, whichever comes first', async () => {
    const laced = { name: `fra${ZERO}ud`, authorUsername: `acme${RTL}`, taskName: 'forged' };
    const plain = { name: 'fraud', authorUsername: 'acme', taskName: 'true' };
    for (const order of [
      [laced, plain],
      [plain, laced],
    ]) {
      const { hub } = await hubOf(() => ({ json: order }));
      const { models: listed, problems } = await hub.list(signal());
      expect(listed).toMatchObject([{ author: 'acme', name: 'fraud', task: 'true' }]);
      expect(problems).toEqual(['1 entry of the hub with a name that looks like another’s']);
    }
  });

  test('are asked for as the hub writes them', async () => {
    const written = { name: ` a  “model”${RTL}/?&#%2e `, authorUsername: 'acme corp' };
    const { hub, server } = await hubOf((path) =>
      path.startsWith('/api/v0/models/?') ? { json: [written] } : { json: { ...written, versions: [] } },
    );
    const [model] = (await hub.list(signal())).models;
    expect(model).toMatchObject({ author: 'acme corp', name: 'a “model”/?&#%2e' });
    expect(await hub.detail(model as typeof ACME, signal())).toMatchObject({ model: { name: 'a “model”/?&#%2e' } });
    expect(server.asked[1]).toBe(`GET /api/v0/models/${encodeURIComponent(written.name)}?authorUsername=acme%20corp`);
  });

  test('of 10 kB are listed, cut, and not asked for', async () => {
    const { hub, server } = await hubOf(() => ({ json: [{ name: '<b>@everyone '.repeat(800), author: 'a' }] }));
    const [model] = (await hub.list(signal())).models;
    expect([...(model?.name ?? '')]).toHaveLength(120);
    expect((await failure(hub.detail(model as typeof ACME, signal()))).retryable).toBe(false);
    expect(server.asked).toHaveLength(1);
  });

  test.each(['..', '.', '', '\uD800'])('%j is asked for by nobody', async (name) => {
    const { hub, server } = await hubOf(() => ({ json: {} }));
    await failure(hub.detail({ author: 'acme', name }, signal()));
    expect(server.asked).toEqual([]);
  });

  test.each(['../../admin', 'a/b', '%2e%2e', 'a?b=c#d', 'a\\..\\b'])(
    '%j stays one segment of the path',
    async (name) => {
      const { hub, server } = await hubOf(() => undefined);
      expect(await hub.detail({ author: 'acme', name }, signal())).toBeNull();
      const url = new URL(server.asked[0]?.slice(4) ?? '', 'http://hub');
      expect(url.pathname.split('/')).toHaveLength(5);
      expect(decodeURIComponent(url.pathname.slice('/api/v0/models/'.length))).toBe(name);
      expect(url.searchParams.get('authorUsername')).toBe('acme');
    },
  );
});

describe('detail', () => {
  test('has versions in the hub’s order, each with its files', async () => {
    const { dev, hub } = await devHub();
    dev.state.dated = true;
    const createdAtMs = Date.UTC(2026, 10, 1);
    dev.publish('acme', 'fraud', {
      createdAtMs,
      versions: [
        { version: '2.00', files: [{ name: 'model.onnx', blobId: BLOB, size: 1_234 }] },
        { version: '1.00', notes: 'first', files: [{ name: 'old.pkl', blobId: CID }] },
      ],
    });
    expect(await hub.detail({ author: 'acme', name: 'fraud' }, signal())).toEqual({
      model: { ...ACME, task: null, description: null, extra: expect.anything(), datedAtMs: createdAtMs },
      versions: [
        {
          version: '2.00',
          notes: null,
          datedAtMs: null,
          files: [{ blobId: BLOB, name: 'model.onnx', sizeBytes: 1_234, datedAtMs: null }],
        },
        {
          version: '1.00',
          notes: 'first',
          datedAtMs: null,
          files: [{ blobId: CID, name: 'old.pkl', sizeBytes: null, datedAtMs: null }],
        },
      ],
      problem: null,
    });
    expect(dev.requests.slice(1)).toEqual(
      ['2.00', '1.00'].map((v) => `/api/v0/models/fraud/versions/${v}/files?authorUsername=acme`),
    );
  });

  test('files that come along are not asked for', async () => {
    const { dev, hub } = await devHub();
    dev.state.filesInDetail = true;
    dev.publish('acme', 'fraud', { files: [{ name: 'model.onnx', blobId: BLOB }] });
    const detail = await hub.detail(ACME, signal());
    expect(detail?.versions?.[0]?.files).toHaveLength(1);
    expect(dev.requests).toHaveLength(1);
  });

  test('a hub that shows files only with a login still shows versions, and is asked once', async () => {
    const { dev, hub } = await devHub();
    dev.state.filesNeedLogin = true;
    const versions = ['1.00', '1.01', '1.02'].map((version) => ({ version, files: [] }));
    dev.publish('acme', 'fraud', { versions });
    const detail = await hub.detail(ACME, signal());
    expect(detail?.versions?.map(({ version }) => version)).toEqual(['1.00', '1.01', '1.02']);
    expect(detail?.problem).toBe('the hub shows files only with a login');
    expect(dev.requests).toHaveLength(2);
  });

  test('a model that is not listed is null', async () => {
    const { hub } = await devHub();
    expect(await hub.detail(ACME, signal())).toBeNull();
  });

  test('the same name of another author is not taken for it', async () => {
    const { hub } = await hubOf(() => ({ json: { name: 'fraud', authorUsername: 'mallory', versions: [] } }));
    expect((await failure(hub.detail(ACME, signal()))).message).toBe('the hub answered with another model');
  });

  test.each([
    [{ latestVersion: '3.1' }, ['3.1']],
    [{ latestVersion: { versionString: '3.2', releaseNotes: 'x' } }, ['3.2']],
    [{ version: 4 }, ['4']],
    [{ releases: ['1.00', '1.00', { name: '1.01' }] }, ['1.00', '1.01']],
    [{ versions: [] }, []],
  ])('versions are read from %j', async (fields, expected) => {
    const { hub } = await hubOf((path) =>
      path.includes('/files') ? { json: { files: [] } } : { json: { data: { ...fields, name: 'fraud' } } },
    );
    const detail = await hub.detail(ACME, signal());
    expect(detail?.versions?.map(({ version }) => version)).toEqual(expected);
    expect(detail?.problem).toBeNull();
  });

  test('a hub that tells of no version leaves them unknown', async () => {
    const { hub } = await hubOf(() => ({ json: { name: 'fraud' } }));
    expect(await hub.detail(ACME, signal())).toMatchObject({
      versions: null,
      problem: 'the hub does not show its versions',
    });
  });

  test('a list of files that is not there is no empty one', async () => {
    const { hub } = await hubOf((path) =>
      path.includes('/files') ? undefined : { json: { name: 'fraud', versions: ['1.00'] } },
    );
    expect((await hub.detail(ACME, signal()))?.problem).toBe('the hub has no list of files for 1 version');
  });

  test.each([
    [{ status: 500, body: '' }, 'the hub answered HTTP 500'],
    [{ body: '<html>' }, 'the hub answered something that is not JSON'],
    [{ json: { files: 7 } }, 'the hub answers otherwise than it did'],
  ] satisfies [WebAnswer, string][])('files that cannot be read fail the whole: %j', async (answer, message) => {
    const { hub } = await hubOf((path) =>
      path.includes('/files') ? answer : { json: { name: 'fraud', versions: ['1.00'] } },
    );
    expect(await failure(hub.detail(ACME, signal()))).toMatchObject({ message, retryable: true });
  });

  test('is bounded to 500 versions and 2,000 files, and says so', async () => {
    const file = (n: number) => ({ name: `f${n}`, cid: BLOB });
    const versions = Array.from({ length: 600 }, (_, v) => ({
      version: `1.${v}`,
      files: Array.from({ length: 10 }, (_, f) => file(v * 10 + f)),
    }));
    const { hub } = await hubOf(() => ({ json: { name: 'fraud', versions } }));
    const detail = await hub.detail(ACME, signal());
    expect(detail?.versions).toHaveLength(500);
    expect(detail?.versions?.flatMap(({ files }) => files)).toHaveLength(2_000);
    expect(detail?.problem).toBe(
      'only its first 2000 files were read; 100 versions of the hub’s list could not be read',
    );
  });
});
