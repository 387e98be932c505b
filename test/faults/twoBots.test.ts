import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LEASE_MS } from '../../src/store/lease.ts';
import { type AssayProcess, spawnAssay } from '../rigs/assayProcess.ts';
import { startTelegramRig } from '../rigs/telegram/rig.ts';

type Held = { host: string; pid: number; since: number; untilMs: number };

let folder: string;
let telegram: Awaited<ReturnType<typeof startTelegramRig>>;
let bots: AssayProcess[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'assay-two-'));
  telegram = await startTelegramRig();
  bots = [];
});
afterEach(async () => {
  for (const bot of bots) bot.signal('SIGKILL');
  await Promise.all(bots.map(({ ended }) => ended));
  await telegram.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A bot on the one database; its network is out of reach, which is no matter here. */
function start(httpPort = '0'): AssayProcess {
  const env = {
    ...{ TELEGRAM_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.apiRoot, OG_RPC_URLS: 'http://127.0.0.1:1' },
    DATABASE_URL: `file:${join(folder, 'assay.db')}`,
    ...{ HTTP_PORT: httpPort, LOG_LEVEL: 'info' },
  };
  const bot = spawnAssay(['start'], env, folder, { limitMs: 60_000 });
  bots.push(bot);
  return bot;
}

/** What stands in the lease, changed from outside. */
function changeLease(change: (held: Held) => Partial<Held>): void {
  const database = new DatabaseSync(join(folder, 'assay.db'));
  try {
    database.exec('PRAGMA busy_timeout = 5000');
    const row = database.prepare(`SELECT "value" FROM "Meta" WHERE "key" = 'lease'`).get() as { value: string };
    const held = JSON.parse(row.value) as Held;
    const next = JSON.stringify({ ...held, ...change(held) });
    database.prepare(`UPDATE "Meta" SET "value" = ? WHERE "key" = 'lease'`).run(next);
  } finally {
    database.close();
  }
}

async function expectAnswers(): Promise<void> {
  const ann = telegram.user('Ann');
  const chat = telegram.chats.private(ann);
  telegram.sendText(chat, ann, '/network');
  await telegram.until(() => telegram.fromBot(chat.id)[0], 15_000);
}

test('a second bot on one database ends with 1 and names the first, which goes on', async () => {
  const first = start();
  const [, port] = await first.printed(/"httpPort":(\d+),"msg":"ready"/);
  // Not the port, which it cannot have either, is what the operator must hear of.
  const second = start(port);
  await second.printed(/another process has the database/);
  // The first bot's next renewal, which comes within 10 s, put forward.
  changeLease(({ untilMs }) => ({ untilMs: untilMs + 1 }));
  const { code, stderr } = await second.ended;
  expect(code).toBe(1);
  expect(stderr).toContain(
    `assay: This database file is in use by another Assay (process ${first.pid} on ${hostname()}). One bot a database`,
  );
  expect(stderr).not.toMatch(/HTTP_PORT| at .*\.ts:\d+/);
  await expectAnswers();
  expect(first.output()).not.toMatch(/another instance|lease/);
  first.signal('SIGTERM');
  expect((await first.ended).code).toBe(0);
});

test('a bot that was killed leaves a lease that the next start on its host does not wait for', async () => {
  const first = start();
  await first.printed(/"msg":"ready"/);
  first.signal('SIGKILL');
  await first.ended;
  const startedAt = performance.now();
  await start().printed(/"msg":"ready"/);
  expect(performance.now() - startedAt).toBeLessThan(LEASE_MS);
  await expectAnswers();
});

test('one that was killed on another machine is waited for until its lease ends', async () => {
  const first = start();
  await first.printed(/"msg":"ready"/);
  first.signal('SIGKILL');
  await first.ended;
  // A pid of another machine says nothing here. Most of the lease's time is taken to have passed.
  const untilMs = Date.now() + 4_000;
  changeLease(() => ({ host: 'another-machine', untilMs }));
  await start().printed(/"msg":"ready"/);
  expect(Date.now()).toBeGreaterThanOrEqual(untilMs);
  await expectAnswers();
});
