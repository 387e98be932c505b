import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KEYS } from '../src/config/keys.ts';
import { type Ended, runAssay, spawnAssay } from './rigs/assayProcess.ts';
import { startTelegramRig } from './rigs/telegram/rig.ts';

const CONFIG = 78;
const TEMPORARY = 75;
const TELEGRAM_TOKEN = '7000001:AAE-another-token-that-nobody-may-see_0';
const DISCORD_TOKEN = 'MTA0MDAwMDAwMDAwMDAwMDAwMA.GsEcRt.discord-token-that-nobody-may-see';
const RPC_KEY = 'rpc0key1that2nobody3may4see';
const QUERY_KEY = 'query5key6that7nobody8may9see';
const DB_PASSWORD = 'db-pass-that-nobody-may-see';
const SECRETS = [TELEGRAM_TOKEN, DISCORD_TOKEN, RPC_KEY, QUERY_KEY, DB_PASSWORD];

let folder: string;
const closes: (() => Promise<void>)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'assay-main-'));
});
afterEach(async () => {
  for (const close of closes.splice(0)) await close();
  rmSync(folder, { recursive: true, force: true });
});

const assay = (args: string, env: Record<string, string> = {}): Promise<Ended> =>
  runAssay(args.split(' '), env, folder);

function expectNoSecret({ stdout, stderr }: Ended): void {
  const printed = stdout + stderr;
  for (const secret of SECRETS) expect(printed).not.toContain(secret);
}

/** An HTTP server that answers everything the same, and echoes the request in its error as careless ones do. */
async function serverThatAnswers(status: number): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ok: false, error_code: status, description: `no: ${request.url}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closes.push(async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('every key malformed at once: one list that names each, nothing started, exit code 78', async () => {
  const keys = KEYS.map(({ name }) => name);
  const env = Object.fromEntries(keys.map((name) => [name, `“ ${RPC_KEY}`]));
  const ended = await assay('start', { ...env, HTTP_PORT: '8080' });
  expect(ended).toMatchObject({ code: CONFIG, stdout: '' });
  for (const key of keys.filter((name) => name !== 'HTTP_PORT'))
    expect(ended.stderr).toMatch(new RegExp(`^ {2}${key}: `, 'm'));
  expect(ended.stderr).not.toMatch(/ at .*\.ts:\d+/);
});

test('every command ends with 78 for a bad configuration, and says all of it', async () => {
  const env = { TELEGRAM_TOKEN, OG_CHAIN_ID: 'ten', NODE_PRICE_REFUSED_SECONDS: '1' };
  const all = await Promise.all(['start', 'check-config', 'doctor', 'ask /network'].map((args) => assay(args, env)));
  for (const { code, stdout, stderr } of all) {
    expect([code, stdout]).toEqual([CONFIG, '']);
    expect(stderr).toContain('The configuration has 2 errors:');
    expect(stderr).toContain('OG_CHAIN_ID');
    expect(stderr).toContain('NODE_PRICE_REFUSED_SECONDS');
  }
});

test('start without a token names the keys and the demo, which needs none; check-config says the same', async () => {
  const [start, check] = await Promise.all([assay('start'), assay('check-config')]);
  expect(start).toMatchObject({ code: CONFIG, stdout: '' });
  expect(start.stderr).toMatch(/DISCORD_TOKEN.*TELEGRAM_TOKEN/);
  expect(start.stderr).toContain('npm run demo');
  expect(check).toEqual(start);
});

test('check-config judges as start does: an address of a chat without its token is wrong', async () => {
  const env = { TELEGRAM_TOKEN, ADMIN_DESTINATION: 'discord:12345' };
  const [start, check] = await Promise.all([assay('start', env), assay('check-config', env)]);
  expect(check).toMatchObject({ code: CONFIG, stderr: expect.stringContaining('ADMIN_DESTINATION') });
  expect(check).toEqual(start);
});

test('check-config: a misspelling is a warning and not an error', async () => {
  const { code, stdout, stderr } = await assay('check-config', { TELEGRAM_TOKEN, OG_RPC_URL: 'https://x.example' });
  expect(code).toBe(0);
  expect(stdout).toBe('The configuration is valid. Chats: Telegram.\n');
  expect(stderr).toBe('warning: OG_RPC_URL is not a key that Assay knows; did you mean OG_RPC_URLS?\n');
});

test('.env in the working folder is read; what the environment says itself goes first', async () => {
  writeFileSync(join(folder, '.env'), `TELEGRAM_TOKEN=${TELEGRAM_TOKEN}\nOG_CHAIN_ID=ten\n`);
  expect((await assay('check-config')).code).toBe(CONFIG);
  const { code, stdout } = await assay('check-config', { OG_CHAIN_ID: '5' });
  expect([code, stdout]).toEqual([0, 'The configuration is valid. Chats: Telegram.\n']);
});

test('a .env that cannot be read is a configuration error', async () => {
  mkdirSync(join(folder, '.env'));
  const { code, stderr } = await assay('check-config');
  expect(code).toBe(CONFIG);
  expect(stderr).toContain('.env: cannot be read');
});

test('usage: help and version are answers, an unknown command and a missing question are errors', async () => {
  const [help, version, unknown, bare] = await Promise.all(
    ['--help', '--version', 'begin', 'ask'].map((args) => assay(args)),
  );
  expect(help?.code).toBe(0);
  for (const name of ['start', 'ask', 'doctor', 'check-config']) expect(help?.stdout).toContain(name);
  expect(version?.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect([unknown?.code, bare?.code]).toEqual([1, 1]);
});

test('a question that is none gets an answer in words, exit code 1 and no stack trace', async () => {
  const env = { DATABASE_URL: `file:${join(folder, 'a.db')}` };
  const { code, stdout, stderr } = await assay('ask /nonsense', env);
  expect([code, stderr]).toEqual([1, '']);
  expect(stdout).not.toMatch(/ at .*\.ts:\d+/);
  const json = await assay('ask --json /nonsense', env);
  expect(JSON.parse(json.stdout)).toMatchObject({ tone: 'error' });
});

test.each(['add node all', 'list', 'remove 1', 'test'])(
  'ask "/alerts %s": a terminal is no chat, and it is said where to ask instead',
  async (words) => {
    const env = { DATABASE_URL: `file:${join(folder, 'a.db')}` };
    const { code, stdout, stderr } = await assay(`ask /alerts ${words}`, env);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toContain('No chat to tell');
    expect(stdout).toMatch(/Discord or Telegram/);
    expect(stdout).toContain(`/alerts ${words.split(' ')[0]}`);
    // Nothing offers to go on here.
    expect(stdout).not.toMatch(/try again|next:/i);
  },
);

test('a database that cannot be reached is a temporary failure, and its password is not printed', async () => {
  const DATABASE_URL = `postgresql://assay:${DB_PASSWORD}@127.0.0.1:1/assay`;
  const ended = await assay('ask /network', { DATABASE_URL, LOG_LEVEL: 'trace' });
  expect(ended.code).toBe(TEMPORARY);
  expect(ended.stderr).toContain('database');
  expectNoSecret(ended);
});

test('doctor prints no secret of what it could not ask', async () => {
  const rpc = await serverThatAnswers(500);
  const ended = await assay('doctor', {
    OG_RPC_URLS: `${rpc}/v3/${RPC_KEY}?apikey=${QUERY_KEY}`,
    DATABASE_URL: `postgresql://assay:${DB_PASSWORD}@127.0.0.1:1/assay`,
    LOG_LEVEL: 'trace',
  });
  expect(ended.stdout).toMatch(/^could not ask {2}database/m);
  expect(ended.stdout).toMatch(/^could not ask {2}chain id at 127\.0\.0\.1:\d+/m);
  expectNoSecret(ended);
});

test.each([401, 500])('a platform that answers %i at the start: no token in any line, at any level', async (status) => {
  const api = await serverThatAnswers(status);
  const started = spawnAssay(
    ['start'],
    {
      ...{ TELEGRAM_TOKEN, TELEGRAM_API_ROOT: api, DISCORD_TOKEN, DISCORD_API_URL: `${api}/api` },
      OG_RPC_URLS: `${api}/v3/${RPC_KEY}?apikey=${QUERY_KEY}`,
      DATABASE_URL: `file:${join(folder, 'a.db')}`,
      LOG_LEVEL: 'trace',
    },
    folder,
  );
  // What will not pass ends it, what may pass is tried again until someone stops it.
  const stuck = started.printed(/will try again|still not connected/).then(
    () => started.signal('SIGTERM'),
    () => undefined,
  );
  const ended = await started.ended;
  await stuck;
  expect(ended.stderr).not.toBe('');
  expectNoSecret(ended);
});

test('at work with everything secret and every level of log: no secret is printed, and SIGTERM ends it with 0', async () => {
  const telegram = await startTelegramRig({ token: TELEGRAM_TOKEN });
  closes.push(() => telegram.close());
  const rpc = await serverThatAnswers(429);
  const started = spawnAssay(
    ['start'],
    {
      ...{ TELEGRAM_TOKEN, TELEGRAM_API_ROOT: `${telegram.apiRoot}/` },
      OG_RPC_URLS: `${rpc}/v3/${RPC_KEY}?apikey=${QUERY_KEY},http://user:${QUERY_KEY}@127.0.0.1:1/${RPC_KEY}`,
      DATABASE_URL: `file:${join(folder, 'a.db')}`,
      HTTP_PORT: '0',
      LOG_LEVEL: 'trace',
    },
    folder,
  );
  const ready = await started.printed(/"httpPort":(\d+),"msg":"ready"/);
  const health = await fetch(`http://127.0.0.1:${ready[1]}/healthz`);
  const body = await health.text();
  expect(JSON.parse(body)).toMatchObject({ ok: true, backlog: { count: 0 } });
  for (const secret of SECRETS) expect(body).not.toContain(secret);
  // A chat asks while the registry cannot be read, and its platform breaks the connection.
  const ann = telegram.user('Ann');
  const chat = telegram.chats.private(ann);
  telegram.inject('sendMessage', { kind: 'reset' });
  telegram.sendText(chat, ann, '/network');
  telegram.sendText(chat, ann, '/network');
  const answer = await telegram.until(() => telegram.fromBot(chat.id)[0]);
  for (const secret of SECRETS) expect(answer.text).not.toContain(secret);
  await started.printed(/source is failing/);
  started.signal('SIGTERM');
  const ended = await started.ended;
  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain('source is failing');
  expectNoSecret(ended);
});

test('a port that is taken ends the start with the keys that set it, not with a stack trace', async () => {
  const telegram = await startTelegramRig();
  closes.push(() => telegram.close());
  const rpc = await serverThatAnswers(500);
  const { code, stderr } = await assay('start', {
    ...{ TELEGRAM_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.apiRoot, OG_RPC_URLS: rpc },
    DATABASE_URL: `file:${join(folder, 'a.db')}`,
    HTTP_PORT: new URL(rpc).port,
    LOG_LEVEL: 'silent',
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/HTTP_PORT.*nothing can listen on 127\.0\.0\.1/);
  expect(stderr).not.toMatch(/ at .*\.ts:\d+/);
});

test('a chain that every URL serves and that is not the configured one is a configuration error naming both', async () => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const asked = JSON.parse(Buffer.concat(chunks).toString()) as { id: number } | { id: number }[];
      const answer = ({ id }: { id: number }) => ({ jsonrpc: '2.0', id, result: '0x1' });
      response.end(JSON.stringify(Array.isArray(asked) ? asked.map(answer) : answer(asked)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const telegram = await startTelegramRig();
  closes.push(telegram.close, async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  const ended = await assay('start', {
    TELEGRAM_TOKEN: telegram.token,
    TELEGRAM_API_ROOT: telegram.apiRoot,
    OG_RPC_URLS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  expect(ended.code).toBe(CONFIG);
  expect(ended.stderr).toMatch(/OG_CHAIN_ID: .*serves chain 1, but chain 10740 is configured/);
});

test('asked to stop while it is starting, it stops', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const telegram = await startTelegramRig();
  closes.push(telegram.close, async () => {
    silent.closeAllConnections();
    await new Promise<void>((resolve) => void silent.close(() => resolve()));
  });
  const bot = spawnAssay(
    ['start'],
    {
      TELEGRAM_TOKEN: telegram.token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      OG_RPC_URLS: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    },
    folder,
  );
  // Its chat is connected, its first question to the chain will not be answered.
  await telegram.until(() => telegram.polling().open, 15_000);
  const askedAt = performance.now();
  bot.signal('SIGTERM');
  expect(await bot.ended).toMatchObject({ code: 0, stdout: '' });
  expect(performance.now() - askedAt).toBeLessThan(15_000);
});
