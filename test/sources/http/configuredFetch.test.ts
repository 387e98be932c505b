import { createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AssayError } from '../../../src/lib/errors.ts';
import {
  type ConfiguredFetchOptions,
  configuredFetch,
  TooLargeError,
} from '../../../src/sources/http/configuredFetch.ts';

/** Answers byte for byte what a test says: real servers would not break the rules for us. */
let answer: (socket: Socket, head: string) => void;
let base: string;
let heads: string[];
let sockets: Set<Socket>;
let close: () => void;

beforeEach(async () => {
  heads = [];
  sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      heads.push(head);
      const asked = head;
      head = '';
      answer(socket, asked);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `127.0.0.1:${(server.address() as { port: number }).port}`;
  close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
});
afterEach(() => close());

const say = (head: string, body = ''): void => {
  answer = (socket) => socket.end(`HTTP/1.1 ${head}\r\n\r\n${body}`);
};
const ask = (options: Partial<ConfiguredFetchOptions> = {}, path = '/v1/thing?key=hidden') =>
  configuredFetch(`http://user:secret@${base}${path}`, { maxBytes: 100, timeoutMs: 2_000, ...options });

async function failure(asked: Promise<unknown>): Promise<AssayError> {
  const error = await asked.then(
    () => new Error('no failure'),
    (reason: unknown) => reason as Error,
  );
  expect(error).toBeInstanceOf(AssayError);
  expect(`${error.message} ${(error as AssayError).detail}`).not.toMatch(/secret|hidden|user|\/v1/);
  return error as AssayError;
}

test('an answer comes with its status, headers and bytes, whatever the status', async () => {
  say('404 Not Found\r\ncontent-length: 4\r\nX-Thing: 1', 'gone');
  const { status, headers, bytes } = await ask({ headers: { accept: 'text/plain' } });
  expect([status, headers.get('x-thing'), Buffer.from(bytes).toString()]).toEqual([404, '1', 'gone']);
  expect(heads[0]).toMatch(/^GET \/v1\/thing\?key=hidden HTTP\/1.1\r\n/);
  expect(heads[0]).toMatch(/accept: text\/plain/);
  expect(heads[0]).toMatch(/authorization: Basic dXNlcjpzZWNyZXQ=/i);
  expect(bytes.buffer.byteLength).toBe(4);
});

test('HEAD reads headers only, also of something too large to read', async () => {
  say('200 OK\r\ncontent-length: 1000000000');
  const { status, headers, bytes } = await ask({ method: 'HEAD' });
  expect([status, headers.get('content-length'), bytes.length]).toEqual([200, '1000000000', 0]);
});

test('a redirect is refused and not followed', async () => {
  say(`302 Found\r\nlocation: http://${base}/elsewhere\r\ncontent-length: 0`);
  expect(await failure(ask())).toMatchObject({
    retryable: false,
    message: expect.stringMatching(/redirect \(HTTP 302\)/),
  });
  expect(heads).toHaveLength(1);
});

describe('size', () => {
  test('the limit itself is read', async () => {
    say('200 OK\r\ncontent-length: 100', 'x'.repeat(100));
    expect((await ask()).bytes).toHaveLength(100);
  });

  test('a claim above the limit is refused before the body is read', async () => {
    answer = (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n');
    expect(await failure(ask({ timeoutMs: 60_000 }))).toBeInstanceOf(TooLargeError);
  });

  test('a body that is there at once, and too large', async () => {
    const body = 'x'.repeat(3_000);
    answer = (socket) =>
      socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nbb8\r\n${body}\r\n0\r\n\r\n`);
    expect(await failure(ask())).toBeInstanceOf(TooLargeError);
    await expect.poll(() => sockets.size).toBe(0);
  });

  test('a body without a claim is read to the limit and no further, and the connection ends', async () => {
    let sent = 0;
    answer = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const more = (): void => {
        if (socket.destroyed) return;
        sent += 1;
        socket.write(`a\r\n${'x'.repeat(10)}\r\n`, () => setTimeout(more, 1));
      };
      more();
    };
    expect(await failure(ask({ timeoutMs: 60_000 }))).toBeInstanceOf(TooLargeError);
    await expect.poll(() => sockets.size).toBe(0);
    expect(sent).toBeLessThan(1_000);
  });
});

describe('time', () => {
  test.each([
    ['silence', (socket: Socket) => void socket],
    ['a dripping head', (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\n', 'x: y\r\n')],
    ['a dripping body', (socket: Socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n', 'x')],
  ])('%s ends with the time', async (_, how) => {
    answer = how;
    const startedAt = performance.now();
    expect(await failure(ask({ timeoutMs: 150 }))).toMatchObject({
      retryable: true,
      message: expect.stringMatching(/no full answer in time/),
    });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await expect.poll(() => sockets.size).toBe(0);
  });

  test('whoever stops does not wait', async () => {
    answer = () => undefined;
    const stop = new AbortController();
    const asked = failure(ask({ timeoutMs: 60_000, signal: stop.signal }));
    await expect.poll(() => heads.length).toBe(1);
    stop.abort();
    expect(await asked).toMatchObject({ retryable: true, message: expect.stringMatching(/stopped/) });
    expect(await failure(ask({ signal: stop.signal }))).toMatchObject({ message: expect.stringMatching(/stopped/) });
    expect(heads).toHaveLength(1);
  });
});

describe('broken answers', () => {
  test.each([
    ['a body shorter than claimed', '200 OK\r\ncontent-length: 50', 'only this', /cut its answer short/],
    [
      'a chunked body that breaks off',
      '200 OK\r\ntransfer-encoding: chunked',
      'ff\r\nonly this',
      /cut its answer short/,
    ],
    ['an encoding nobody asked for', '200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2', 'xx', /not asked for/],
    ['something that is not HTTP', 'teapot', '', /not HTTP/],
  ])('%s is an error that may pass', async (_, head, body, words) => {
    say(head, body);
    expect(await failure(ask())).toMatchObject({ retryable: true, message: expect.stringMatching(words) });
  });

  test('a closed port and a name that does not exist', async () => {
    close();
    expect((await failure(ask())).message).toMatch(/could not be reached \(ECONNREFUSED\)/);
    const nowhere = configuredFetch('http://nowhere.invalid/', { maxBytes: 1, timeoutMs: 5_000 });
    expect((await failure(nowhere)).message).toMatch(/^nowhere\.invalid /);
  });

  test.each(['no url', 'file:///etc/passwd', 'ftp://host/x'])('%s is no URL to ask', async (url) => {
    expect(await failure(configuredFetch(url, { maxBytes: 1, timeoutMs: 100 }))).toMatchObject({ retryable: false });
  });

  test('a kept connection that was closed meanwhile is no failure', async () => {
    const body = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\nok';
    answer = (socket) => socket.write(body);
    await ask();
    const kept = [...sockets][0] as Socket;
    answer = (socket) => (socket === kept ? socket.resetAndDestroy() : socket.write(body));
    expect((await ask()).status).toBe(200);
    expect(heads).toHaveLength(3);
  });
});

function drip(socket: Socket, first: string, drop: string): void {
  socket.write(first);
  const timer = setInterval(() => socket.write(drop), 20);
  socket.once('close', () => clearInterval(timer));
}
