import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { keccak256 } from 'viem';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { batchBlob, forged, type SignedAnswer, unsigned } from '../devnet/answers.ts';
import { startWorld, type World } from '../devnet/world.ts';
import { type AssayProcess, spawnAssay } from '../rigs/assayProcess.ts';
import { nodeFlags } from '../rigs/botProcess.ts';
import { LOG_REFUSALS } from '../rigs/rpcProxy.ts';

const KILLS = 20;
const BATCHES = 200;
const INVENTED = 2_000;
/** A run is over in some 3 s; the machine may be busy with other tests. */
const WAIT_MS = 60_000;
/** So that history comes in many pages. */
const PAGE_EVENTS = 300;

let world: World;

beforeAll(async () => {
  world = await startWorld({ gateways: 3, startSeconds: Math.floor(Date.now() / 1000) - 86_400 });
  await putHistory();
  world.rpc.logLimit = { results: PAGE_EVENTS, error: LOG_REFUSALS.infura };
}, 60_000);

afterAll(async () => {
  await world.close();
});

/** Batches of real answers, with repeats of them, and thousands of individual settlements that nobody signed. */
async function putHistory(): Promise<void> {
  const { network } = world;
  const { chain, settlements, blobs } = network;
  const batches: { root: `0x${string}`; size: number; blobId: string }[] = [];
  for (let at = 0; at < BATCHES; at += 1) {
    const own = Array.from({ length: 3 }, (_, turn): SignedAnswer => {
      const gateway = network.gateways[(at + turn) % 3] as (typeof network.gateways)[number];
      const answer = gateway.answer(`question ${at}/${turn}`, 'answer', chain.nowSeconds() - 60 * (at % 50));
      return at % 10 === turn ? forged(answer) : at % 10 === turn + 3 ? unsigned(answer) : answer;
    });
    const { root, bytes } = batchBlob(own);
    batches.push({ root, size: own.length + (at % 40 === 7 ? 1 : 0), blobId: blobs.put(bytes) });
    if (at % 20 === 11) batches.push(batches[at >> 1] as (typeof batches)[number]);
  }
  const real = network.gateways.flatMap((gateway, node) =>
    Array.from({ length: 20 }, (_, at) => gateway.answer(`alone ${node}/${at}`, 'answer', chain.nowSeconds() - at)),
  );
  const teeId = network.find('amber').teeId;
  for (let part = 0; part < 10; part += 1) {
    await settlements.inventIndividuals(teeId, (part * INVENTED) / 10, INVENTED / 10);
    await settlements.emitBatches(batches.slice((part * batches.length) / 10, ((part + 1) * batches.length) / 10));
    await chain.mine(1_800);
  }
  await settlements.emitIndividuals(real, 'none');
  await settlements.inventIndividuals(keccak256('0x01'), INVENTED, 50);
  for (let use = 0; use < 12; use += 1) {
    const model = blobs.put(`model ${use % 5}`);
    await (use % 2 === 0 ? network.inference.infer(model) : network.inference.runOnHub(model));
  }
}

const fileOf = (name: string): string => join(world.folder, `${name}.db`);

function start(name: string): AssayProcess {
  const { DISCORD_TOKEN: _, DISCORD_API_URL: __, ...one } = world.env;
  const env = { ...one, DATABASE_URL: `file:${fileOf(name)}`, OG_BACKFILL_DAYS: '3' };
  return spawnAssay(['start'], env, world.folder, { nodeFlags: nodeFlags(), limitMs: null });
}

function read<Result>(name: string, query: (rows: DatabaseSync) => Result): Result | null {
  let rows: DatabaseSync | undefined;
  try {
    rows = new DatabaseSync(fileOf(name), { readOnly: true, timeout: 1_000 });
    return query(rows);
  } catch (error) {
    // It is not there yet, or is being mended by a process that starts after a kill.
    if (/unable to open|no such table|locked|busy|malformed|I\/O/i.test(String(error))) return null;
    throw error;
  } finally {
    rows?.close();
  }
}

const number = (rows: DatabaseSync, sql: string): number =>
  Number(Object.values(rows.prepare(sql).get() ?? {})[0] ?? 0);

/** How far it has come: settlements that are stored and those that are decided. */
const progress = (name: string): { stored: number; decided: number; waiting: number; head: number } | null =>
  read(name, (rows) => ({
    stored: number(rows, 'SELECT count(*) FROM "Settlement"'),
    decided: number(rows, `SELECT count(*) FROM "Settlement" WHERE "state" NOT IN ('pending', 'unreadable')`),
    waiting: number(rows, 'SELECT count(*) FROM "Settlement" WHERE "nextCheckAtMs" IS NOT NULL OR "sender" IS NULL'),
    head: number(rows, `SELECT min("blockNumber") FROM "Cursor"`),
  }));

const done = (now: ReturnType<typeof progress>): number => (now === null ? -1 : now.stored + now.decided);

/** Everything that was counted. */
const figures = (name: string) =>
  read(name, (rows) => {
    const all = (sql: string): unknown[] =>
      rows
        .prepare(sql)
        .all()
        .map((row) => Object.values(row).join(' '));
    return {
      settlements: all(
        `SELECT "kind", "state", count(*), sum("valid"), sum("badSignature"), sum("unsigned"), sum("unknownNode"), sum("noKey"),
          sum("repeated"), sum("attempts") FROM "Settlement" GROUP BY 1, 2 ORDER BY 1, 2`,
      ),
      leaves: all('SELECT "verdict", "standing", "repeat", count(*) FROM "Leaf" GROUP BY 1, 2, 3 ORDER BY 1, 2, 3'),
      hours: all(
        `SELECT h."hour", coalesce(n."key", h."nodeId"), h."mode", "settled", "valid", "badSignature", "unsigned", "unknownNode", "noKey",
          hex("delays"), "maxDelaySeconds", "clamped", "signed", "exposedSeconds", "lastSignedAtSeconds", "lastSettledAtSeconds"
          FROM "ProofHour" h LEFT JOIN "Node" n ON n."id" = h."nodeId" ORDER BY 1, 2, 3`,
      ),
      parties: all(
        `SELECT "address", "kind", "events", "firstSeenAtSeconds", "lastSeenAtSeconds", "atFirst" FROM "SettlementParty" ORDER BY 1, 2`,
      ),
      uses: all('SELECT * FROM "ModelUse" ORDER BY 1, 2, 3'),
      registry: all('SELECT count(*) FROM "RegistryEvent"'),
    };
  });

async function until(what: string, bot: AssayProcess, look: () => boolean): Promise<void> {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await delay(10)) if (look()) return;
  throw new Error(`not within ${WAIT_MS} ms: ${what}\n${bot.output().slice(-2_000)}`);
}

async function kill(bot: AssayProcess): Promise<void> {
  bot.signal('SIGKILL');
  await bot.ended;
}

it(`repeats and skips nothing of a back-fill that is killed ${KILLS} times`, async () => {
  const head = Number(await world.network.chain.client.getBlockNumber({ cacheTime: 0 }));
  const isDone = (name: string): boolean => {
    const now = progress(name);
    return now !== null && now.stored > INVENTED && now.waiting === 0 && now.head >= head;
  };
  const whole = start('whole');
  await until('all read and checked', whole, () => isDone('whole'));
  await kill(whole);
  const expected = figures('whole');
  const total = progress('whole')?.stored ?? 0;
  expect(expected?.hours.length).toBeGreaterThan(10);

  let bot = start('killed');
  // Each comes some way further than the one before, and is killed anywhere in what follows.
  const moments = fc.sample(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 30 })), {
    numRuns: KILLS,
    seed: 20_261_121,
  });
  const met: string[] = [];
  let before = -1;
  for (const [further, laterMs] of moments) {
    const moment = Math.min(before + further, 2 * total);
    await until('the next moment', bot, () => done(progress('killed')) >= moment);
    await delay(laterMs);
    await kill(bot);
    const now = progress('killed');
    before = done(now);
    met.push(`${now?.stored}/${now?.decided}`);
    bot = start('killed');
  }
  await until('all read and checked', bot, () => isDone('killed'));
  await kill(bot);
  // It was killed on its way, not only before and after it.
  expect(new Set(met).size).toBeGreaterThan(KILLS / 2);
  expect(figures('killed')).toEqual(expected);
  process.stdout.write(`kill -9: ${KILLS} in one back-fill of ${total} settlements, at ${met.join(', ')}\n`);
}, 240_000);
