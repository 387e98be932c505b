import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { fetchText, fileName, MAX_FILE_BYTES, UnreadableFile } from '../../src/lib/fileText.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function served(answer: RequestListener): Promise<URL> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-token/set.json`);
}

const problem = async (url: URL, signal?: AbortSignal): Promise<string> => {
  const error = await fetchText(url, signal).then(
    (text) => new Error(`read: ${text.slice(0, 20)}`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UnreadableFile);
  const { message } = error as Error;
  expect(message).not.toMatch(/secret|127\.0/);
  return message;
};

test('the text of a file, up to 64 KiB, without its byte order mark', async () => {
  const text = 'ä'.repeat(MAX_FILE_BYTES / 2);
  expect(await fetchText(await served((_, response) => response.end(text)))).toBe(text);
  expect(await fetchText(await served((_, response) => response.end('\ufeff{}')))).toBe('{}');
});

test('one byte more is refused, also where no length was said and where it never ends', async () => {
  const url = await served((_, response) => response.end('x'.repeat(MAX_FILE_BYTES + 1)));
  expect(await problem(url)).toMatch(/at most 64 KiB/);
  const endless = await served((_, response) => {
    const more = (): void => void (response.write('x'.repeat(10_000)) && setImmediate(more));
    more();
    response.on('drain', more);
  });
  expect(await problem(endless)).toMatch(/at most 64 KiB/);
});

test('a redirect is not followed', async () => {
  let asked = 0;
  const target = await served((_, response) => {
    asked += 1;
    response.end('{}');
  });
  const url = await served((_, response) => response.writeHead(302, { location: target.href }).end());
  expect(await problem(url)).toMatch(/could not be fetched/);
  expect(asked).toBe(0);
});

test('what is not there, not text, broken off or too slow is said in words', async () => {
  expect(await problem(await served((_, response) => response.writeHead(404).end('gone')))).toMatch(/HTTP 404/);
  expect(await problem(await served((_, response) => response.end(Buffer.from([0x89, 0x50, 0xff]))))).toMatch(/UTF-8/);
  const cut = await served((_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('{', () => response.destroy());
  });
  expect(await problem(cut)).toMatch(/could not be fetched/);
  const slow = await served((_, response) => void response.write('{'));
  expect(await problem(slow, AbortSignal.timeout(100))).toMatch(/could not be fetched/);
});

test.each([
  ['alerts 1.json', 'alerts_1.json'],
  ['../../etc/passwd', '.._.._etc_passwd'],
  ['"\r\nx: y', '_x_y'],
  ['\u202e', 'file.txt'],
])('the name %j is shown as %j', (name, shown) => {
  expect(fileName(name)).toBe(shown);
});
