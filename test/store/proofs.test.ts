import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Hex } from '../../src/lib/facts.ts';
import { quantile } from '../../src/lib/histogram.ts';
import type { CheckedLeaf, SettlementEvent, SettlementVerdict } from '../../src/lib/proofFacts.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { batch, EMITTER, individual, leaf, PROOF_CURSOR, verified } from './proofSample.ts';
import { cursor, hex } from './sample.ts';

const NOW = 50_000_000;
const OPTIONS = { nowMs: NOW, isFirstRead: false };
const HOUR = 3_600;
/** A whole hour, so that borders are at round numbers. */
const T = 1_000 * HOUR;

describe.each(DIALECTS)('proofs on %s', (dialect) => {
  let rig: DatabaseRig;
  let store: Store;
  let url: string;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());
  beforeEach(async () => {
    url = await rig.emptyDatabase();
    store = await rig.open(url);
  });

  const save = (events: SettlementEvent[], at = Math.max(...events.map(({ blockNumber }) => Number(blockNumber)))) =>
    store.proofs.saveEvents(events, cursor(at, PROOF_CURSOR), OPTIONS);
  const due = (limit = 1_000) => store.proofs.due(limit, NOW);
  const nodeOf = new Map<Hex, number>([
    [hex(1), 11],
    [hex(2), 12],
  ]);
  /** Decides settlements by their block number. */
  async function decide(verdicts: Record<number, SettlementVerdict | CheckedLeaf[]>, options = { nowMs: NOW, nodeOf }) {
    const rows = await rig.query<{ id: number; blockNumber: bigint }>(
      url,
      'SELECT "id", "blockNumber" FROM "Settlement"',
    );
    await store.proofs.saveVerdicts(
      Object.entries(verdicts).map(([block, verdict]) => ({
        settlementId: Number(rows.find(({ blockNumber }) => Number(blockNumber) === Number(block))?.id),
        verdict: Array.isArray(verdict) ? verified(verdict) : verdict,
      })),
      options,
    );
  }
  const network = () => store.proofs.hours({ nodeId: 0, fromHour: 0, toHour: 1e6 });
  const count = async (table: string) => (await rig.query(url, `SELECT * FROM "${table}"`)).length;

  describe('settlements', () => {
    test('are read back as they were, due at once in the order of the chain', async () => {
      const events = [individual(T + 2, 7), batch(T + 1, { logIndex: 3 }), batch(T + 1), batch(T)];
      await save(events);
      const stored = await due();
      const plain = { sender: null, state: 'pending', reason: '', seenAtMs: NOW, decidedAtMs: null, attempts: 0 };
      const counts = { valid: 0, 'bad-signature': 0, unsigned: 0, 'unknown-node': 0, 'no-key': 0, repeated: 0 };
      expect(stored).toEqual(
        [...events]
          .reverse()
          .map((event) => ({ ...event, ...plain, nextCheckAtMs: NOW, counts, id: expect.any(Number) })),
      );
      expect(await due(2)).toEqual(stored.slice(0, 2));
      expect(await store.proofs.due(10, NOW - 1)).toEqual([]);
    });

    test('of an older form are counted and not to be checked', async () => {
      await save([
        batch(T, { kind: 'old-batch', batchSize: 40, root: null }),
        batch(T + 1, { kind: 'old-metadata', batchSize: null }),
      ]);
      expect(await due()).toEqual([]);
      expect((await store.proofs.byBlob(`blob-${T}`))[0]).toMatchObject({ state: 'counted', decidedAtMs: NOW });
      expect(await store.proofs.countsByKind(T, T + 1)).toEqual([
        { kind: 'old-batch', events: 1, answers: 40, refused: 0 },
        { kind: 'old-metadata', events: 1, answers: 1, refused: 0 },
      ]);
    });

    test('that come again are stored and counted once, also within one call', async () => {
      const [first, second] = [batch(T), batch(T + 1)];
      await save([first, first]);
      await save([first, second], T + 1);
      await save([second, first], T + 1);
      expect(await due()).toHaveLength(2);
      expect(await store.proofs.parties()).toMatchObject([{ address: EMITTER, kind: 'emitter', events: 2 }]);
    });

    test('and their cursor are stored together or not at all, and it never goes back by itself', async () => {
      await save([batch(T)]);
      await rig.query(url, 'ALTER TABLE "SettlementParty" RENAME TO "Away"');
      await expect(save([batch(T + 1)])).rejects.toThrow();
      expect(await due()).toHaveLength(1);
      expect((await store.nodes.cursor(PROOF_CURSOR))?.block.number).toBe(BigInt(T));
      await rig.query(url, 'ALTER TABLE "Away" RENAME TO "SettlementParty"');
      await save([batch(T + 1)]);
      await save([], T);
      expect((await store.nodes.cursor(PROOF_CURSOR))?.block.number).toBe(BigInt(T + 1));
      expect((await store.nodes.checkpoints(PROOF_CURSOR)).map(({ number }) => Number(number))).toEqual([T, T + 1]);
    });

    test('with absurd numbers are stored with the largest that fit', async () => {
      const absurd = individual(T, 1, 1e300);
      await save([batch(T + 1, { batchSize: 1e12 }), batch(T + 2, { batchSize: -5 }), absurd]);
      const [one, two, three] = await due();
      expect(one?.answer?.signedAtSeconds).toBe(Number.MAX_SAFE_INTEGER);
      expect([two?.batchSize, three?.batchSize]).toEqual([2 ** 31 - 1, 0]);
      await decide({ [T]: [leaf(1, Number.POSITIVE_INFINITY)], [T + 1]: [leaf(2, Number.NaN)] });
      const [row] = (await network()).filter(({ hour, mode }) => hour === 1_000 && mode === 'individual');
      expect(row).toMatchObject({ valid: 1, clamped: 1, maxDelaySeconds: 0 });
    });

    test('thousands at once', async () => {
      await save(Array.from({ length: 3_001 }, (_, at) => batch(T, { logIndex: at })));
      expect((await due(10_000)).map(({ logIndex }) => logIndex)).toEqual(Array.from({ length: 3_001 }, (_, at) => at));
    });
  });

  describe('parties', () => {
    test('are those who emit and, once asked for, who send; those of the first reading are told apart', async () => {
      const first = { nowMs: 5, isFirstRead: true };
      await store.proofs.saveEvents([batch(T), batch(T + 5)], cursor(T + 5, PROOF_CURSOR), first);
      const stranger = hex(0xe2, 20);
      await save([batch(T + 9, { emitter: stranger.toUpperCase().replace('X', 'x') as Hex })]);
      const [one, two] = await due();
      const sender = `0x${'Ab'.repeat(20)}` as Hex;
      const senders = new Map([one, two].map((settlement) => [settlement?.id ?? 0, sender]));
      for (const _ of ['once', 'again']) await store.proofs.saveSenders(senders, OPTIONS);
      const parties = await store.proofs.parties();
      expect(parties).toHaveLength(3);
      expect(parties).toContainEqual({
        ...{ address: sender.toLowerCase(), kind: 'sender', firstSeenAtSeconds: T, firstSeenAtMs: NOW },
        ...{ lastSeenAtSeconds: T + 5, events: 2, atFirst: false },
      });
      expect(parties).toContainEqual({
        ...{ address: EMITTER, kind: 'emitter', firstSeenAtSeconds: T, firstSeenAtMs: 5 },
        ...{ lastSeenAtSeconds: T + 5, events: 2, atFirst: true },
      });
      expect(parties).toContainEqual(expect.objectContaining({ address: stranger, events: 1, atFirst: false }));
      expect((await due())[0]?.sender).toBe(sender.toLowerCase());
    });
  });

  describe('verdicts', () => {
    test('make leaves, counts and hours, of each node and of all together', async () => {
      await save([batch(T + 60), individual(T + 70, 9, T + 10)]);
      await decide({
        [T + 60]: [
          ...[leaf(1, T - 540), leaf(2, T, { teeId: hex(2) }), leaf(3, T, { verdict: 'bad-signature' })],
          ...[leaf(4, T, { teeId: hex(9), verdict: 'unknown-node', standing: 'not-registered' })],
        ],
        [T + 70]: [leaf(9, T + 10, { position: 5 })],
      });
      const [settled] = await store.proofs.byBlob(`blob-${T + 60}`);
      expect(settled).toMatchObject({
        ...{ state: 'verified', decidedAtMs: NOW, attempts: 1, nextCheckAtMs: null },
        counts: { valid: 2, 'bad-signature': 1, 'unknown-node': 1, unsigned: 0, 'no-key': 0, repeated: 0 },
      });
      const [found] = await store.proofs.leavesOf(hex(0x1003));
      expect(found).toEqual({
        ...leaf(3, T, { verdict: 'bad-signature', position: 2 }),
        ...{ settlement: settled, repeat: false },
      });
      const [single] = await store.proofs.leavesOf(hex(0x1009));
      expect(single).toMatchObject({ position: 0, settlement: { answer: { payer: hex(0xfa + 9, 20) } } });
      const rows = await network();
      expect(
        rows.map(({ hour, mode, settled: n, valid, signed, exposedSeconds }) => [
          hour,
          mode,
          n,
          valid,
          signed,
          exposedSeconds,
        ]),
      ).toEqual([
        [999, 'batch', 0, 0, 1, 540],
        [1_000, 'batch', 4, 2, 1, 120],
        [1_000, 'individual', 1, 1, 1, 60],
      ]);
      expect(rows[1]).toMatchObject({ badSignature: 1, unknownNode: 1, maxDelaySeconds: 600 });
      expect(quantile(rows[1]?.delays ?? null, 1)).toBeCloseTo(600, -2);
      const byNode = await store.proofs.byNode({ fromHour: 999, toHour: 1_000 });
      expect(byNode.map(({ nodeId, mode, settled: n, valid }) => [nodeId, mode, n, valid])).toEqual([
        [-1, 'batch', 1, 0],
        [11, 'batch', 2, 1],
        [11, 'individual', 1, 1],
        [12, 'batch', 1, 1],
      ]);
      expect(byNode[1]).toMatchObject({ exposedSeconds: 600, signed: 1, maxDelaySeconds: 600 });
      expect(quantile(byNode[1]?.delays ?? null, 0.5)).toBeCloseTo(600, -2);
      expect(byNode[0]?.delays).toBe(null);
    });

    test('add to hours that are there', async () => {
      await save([batch(T + 10), batch(T + 20)]);
      await decide({ [T + 10]: [leaf(1, T + 5)] });
      await decide({ [T + 20]: [leaf(2, T + 5), leaf(3, T + 30)] });
      expect(await network()).toMatchObject([
        { settled: 3, valid: 3, clamped: 1, exposedSeconds: 20, maxDelaySeconds: 15 },
      ]);
      const [row] = await network();
      expect([0.3, 0.6, 1].map((q) => Math.round(quantile(row?.delays ?? null, q) ?? -1))).toEqual([1, 5, 15]);
    });

    test('are final: a settlement that is decided is left alone', async () => {
      await save([batch(T)]);
      await decide({ [T]: [leaf(1, T)] });
      await decide({ [T]: { state: 'root-mismatch', reason: 'no', leaves: [] } }, { nowMs: NOW + 1, nodeOf });
      await decide({ [T]: [leaf(1, T), leaf(2, T)] });
      const [stored] = await store.proofs.byBlob(`blob-${T}`);
      expect(stored).toMatchObject({ state: 'verified', decidedAtMs: NOW, attempts: 1 });
      await store.proofs.postpone([{ settlementId: stored?.id ?? 0, reason: 'later', nextCheckAtMs: 1 }]);
      expect(await store.proofs.byBlob(`blob-${T}`)).toEqual([stored]);
      expect(await count('Leaf')).toBe(1);
    });

    test.each(['root-mismatch', 'count-mismatch', 'malformed', 'refused'] as const)(
      'of %s keep no leaf',
      async (state) => {
        await save([batch(T)]);
        await decide({ [T]: { state, reason: 'because', leaves: [leaf(1, T)] } });
        expect(await store.proofs.byBlob(`blob-${T}`)).toMatchObject([
          { state, reason: 'because', nextCheckAtMs: null },
        ]);
        expect(await count('Leaf')).toBe(0);
        expect(await network()).toEqual([]);
        expect(await store.proofs.states(T, T)).toEqual([{ state, count: 1 }]);
      },
    );

    test('that could not be made are asked for again, or never, and then made', async () => {
      await save([batch(T), batch(T + 1)]);
      const [one, two] = await due();
      await store.proofs.postpone([
        { settlementId: one?.id ?? 0, reason: 'no aggregator answered', nextCheckAtMs: NOW + 60_000 },
        { settlementId: two?.id ?? 0, reason: 'too old', nextCheckAtMs: null },
      ]);
      expect(await due()).toEqual([]);
      const again = await store.proofs.due(10, NOW + 60_000);
      expect(again).toMatchObject([
        { id: one?.id, state: 'unreadable', reason: 'no aggregator answered', attempts: 1 },
      ]);
      await decide({ [T]: [leaf(1, T)], [T + 1]: [leaf(2, T)] });
      expect((await store.proofs.states(T, T + 1)).map(({ state, count: n }) => [state, n])).toEqual([['verified', 2]]);
      expect((await store.proofs.byBlob(`blob-${T}`))[0]).toMatchObject({ attempts: 2, reason: '' });
    });

    test('are stored in full or not at all', async () => {
      await save([batch(T)]);
      await rig.query(url, 'ALTER TABLE "ProofHour" RENAME TO "Away"');
      await expect(decide({ [T]: [leaf(1, T)] })).rejects.toThrow();
      expect(await count('Leaf')).toBe(0);
      expect(await due()).toMatchObject([{ state: 'pending', attempts: 0 }]);
    });
  });

  describe('the same answer settled again', () => {
    test('counts once, the first of the chain, whether it comes at once or later', async () => {
      await save([batch(T + 30), batch(T + 20), individual(T + 10, 1)]);
      // In one call, in the wrong order, and twice in one batch.
      await decide({ [T + 30]: [leaf(1, T), leaf(1, T)], [T + 20]: [leaf(1, T), leaf(2, T)] });
      await decide({ [T + 10]: [leaf(1, T)] });
      const found = await store.proofs.leavesOf(hex(0x1001));
      expect(found.map(({ settlement, repeat }) => [settlement.blockTimestampSeconds - T, repeat])).toEqual([
        [10, true],
        [20, false],
        [30, true],
        [30, true],
      ]);
      expect(found.at(-1)?.settlement.counts).toMatchObject({ valid: 0, repeated: 2 });
      const rows = await network();
      expect(rows).toMatchObject([{ mode: 'batch', settled: 2, signed: 2, exposedSeconds: 40 }]);
    });

    test('is not another answer of the same request, time or node', async () => {
      await save([batch(T), batch(T + 1)]);
      await decide({ [T]: [leaf(1, T)] });
      await decide({
        [T + 1]: [leaf(1, T + 1), leaf(1, T, { teeId: hex(2) }), leaf(1, T, { outputHash: hex(7) })],
      });
      expect((await network())[0]).toMatchObject({ settled: 4, valid: 4 });
    });

    test('is hidden by no forged copy, and hides none', async () => {
      await save([batch(T), batch(T + 1), batch(T + 2)]);
      await decide({ [T]: [leaf(1, T, { verdict: 'bad-signature' })] });
      await decide({ [T + 1]: [leaf(1, T)] });
      await decide({ [T + 2]: [leaf(1, T, { verdict: 'bad-signature' })] });
      expect((await network())[0]).toMatchObject({ settled: 2, valid: 1, badSignature: 1 });
    });
  });

  describe('questions', () => {
    test('settlements are found by transaction, root, blob and request, the newest first, ten at most', async () => {
      const many = Array.from({ length: 12 }, (_, at) => batch(T + at, { root: hex(5), blobId: 'one' }));
      await save([...many, individual(T + 50, 3)]);
      await decide({ [T + 50]: [leaf(3, T)], [T]: [leaf(3, T)] });
      const times = (found: { blockTimestampSeconds: number }[]) => found.map((one) => one.blockTimestampSeconds - T);
      expect(times(await store.proofs.byHash(hex(5)))).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
      expect(times(await store.proofs.byBlob('one'))).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
      expect(times(await store.proofs.byHash(many[4]?.txHash ?? hex(0)))).toEqual([4]);
      expect(times(await store.proofs.byHash(hex(0x1003)))).toEqual([50, 0]);
      expect(await store.proofs.byHash(hex(0x9999))).toEqual([]);
      expect(await store.proofs.byBlob("one' OR 1=1 --")).toEqual([]);
    });

    test('payers are those of valid individual settlements of the time, each once', async () => {
      const payer = hex(0x77, 20);
      const paid = (at: number, id: number): SettlementEvent => {
        const event = individual(T + at, id);
        return { ...event, answer: event.answer && { ...event.answer, payer } };
      };
      await save([paid(1, 1), paid(2, 2), individual(T + 3, 3), individual(T + 4, 4), individual(T + 90, 5)]);
      await decide({
        ...{ [T + 1]: [leaf(1, T)], [T + 2]: [leaf(2, T)], [T + 3]: [leaf(3, T)], [T + 90]: [leaf(5, T)] },
        [T + 4]: [leaf(4, T, { verdict: 'bad-signature' })],
      });
      expect(await store.proofs.payers(T, T + 10)).toBe(2);
      expect(await store.proofs.payers(T, T + 90)).toBe(3);
      expect(await store.proofs.payers(0, T)).toBe(0);
    });

    test('events are counted by kind, refused ones apart', async () => {
      await save([batch(T), batch(T + 1), individual(T + 2, 1)]);
      await decide({ [T]: { state: 'refused', reason: 'its sender is not on the list', leaves: [] } });
      expect(await store.proofs.countsByKind(T, T + 2)).toEqual([
        { kind: 'batch', events: 2, answers: 4, refused: 1 },
        { kind: 'individual', events: 1, answers: 1, refused: 0 },
      ]);
      expect(await store.proofs.countsByKind(T + 2, T + 2)).toHaveLength(1);
    });
  });

  describe('usage', () => {
    test('rises by what a counter rose, also when it was started anew; not known with fewer than two readings', async () => {
      const at = (atMs: number, total: number) => ({ source: 'facilitator' as const, atMs, total });
      await store.proofs.saveUsage([at(1_000, 100)], []);
      expect(await store.proofs.usageRise('facilitator', 0, 9_000)).toBe(null);
      await store.proofs.saveUsage(
        [at(2_000, 130), at(3_000, 5), at(4_000, 12), { ...at(1_500, 7), source: 'base' }],
        [],
      );
      expect(await store.proofs.usageRise('facilitator', 0, 9_000)).toEqual({ fromMs: 1_000, toMs: 4_000, rise: 37 });
      expect(await store.proofs.usageRise('facilitator', 1_500, 3_500)).toEqual({
        fromMs: 2_000,
        toMs: 3_000,
        rise: 0,
      });
      expect(await store.proofs.usageRise('base', 0, 9_000)).toBe(null);
    });

    test('days are replaced when they are read again', async () => {
      const day = (name: string, requests: number) => ({
        ...{ day: name, requests, costOpg: '12.5', inputTokens: 2 ** 40, outputTokens: 3, readAtMs: NOW },
      });
      await store.proofs.saveUsage([], [day('2026-11-20', 5), day('2026-11-21', 6)]);
      await store.proofs.saveUsage([], [day('2026-11-21', 9)]);
      expect(await store.proofs.usageDays('2026-11-20')).toEqual([day('2026-11-20', 5), day('2026-11-21', 9)]);
      expect(await store.proofs.usageDays('2026-11-21')).toHaveLength(1);
    });
  });
});
