import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CheckedLeaf, SettlementEvent, SettlementVerdict } from '../../src/lib/proofFacts.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { batch, individual, leaf, PROOF_CURSOR, verified } from './proofSample.ts';
import { cursor, hex } from './sample.ts';

const HOUR = 3_600;
const DAY_MS = 86_400_000;
const CHAIN = 10_000 * HOUR + 60;
const NOW = CHAIN * 1_000;

describe.each(DIALECTS)('facts about proofs on %s', (dialect) => {
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

  const save = (events: SettlementEvent[], more: Partial<{ nowMs: number; isFirstRead: boolean }> = {}) =>
    store.proofs.saveEvents(events, cursor(Number(events.at(-1)?.blockNumber ?? 1), PROOF_CURSOR), {
      nowMs: NOW,
      isFirstRead: false,
      ...more,
    });
  async function settle(event: SettlementEvent, verdict: CheckedLeaf[] | SettlementVerdict, nowMs = NOW) {
    await save([event], { nowMs });
    const stored = (await store.proofs.due(100, nowMs)).find(({ blockNumber }) => blockNumber === event.blockNumber);
    const full = Array.isArray(verdict) ? verified(verdict) : verdict;
    await store.proofs.saveVerdicts([{ settlementId: stored?.id ?? 0, verdict: full }], {
      ...{ nowMs, nodeOf: new Map([[hex(1), 11]]) },
    });
  }
  const facts = async (nowMs = NOW) => {
    const found = await store.proofs.facts(nowMs, CHAIN);
    if (found === null) throw new Error('there are no facts');
    return found;
  };

  test('there are none before settlements were read, however much else was stored', async () => {
    expect(await store.proofs.facts(NOW, CHAIN)).toBe(null);
    await store.proofs.saveUsage([{ source: 'base', atMs: NOW, total: 1 }], []);
    expect(await store.proofs.facts(NOW, CHAIN)).toBe(null);
    await save([], { nowMs: NOW - 7 });
    expect(await facts()).toEqual({
      ...{ readAtMs: NOW - 7, lastBatchAtSeconds: null, lastIndividualAtSeconds: null, faults: [], newParties: [] },
      lastHour: (['batch', 'individual'] as const).map((mode) => ({
        ...{ mode, settled: 0, unsigned: 0, badSignature: 0, recent: null },
      })),
      ...{ nodes: [], watches: [], unchecked: { count: 0, oldestAtSeconds: null } },
      usage: [
        { source: 'facilitator', rise: null },
        { source: 'base', rise: null },
      ],
    });
    // A later reading without news, without asking the database again.
    await save([], { nowMs: NOW + 3 });
    expect((await facts()).readAtMs).toBe(NOW + 3);
  });

  test('the newest settlement of each mode counts; refused, wrong and repeated ones do not', async () => {
    await save([batch(CHAIN - 5_000)], { isFirstRead: true });
    await settle(batch(CHAIN - 950), [leaf(1, CHAIN - 1_000)]);
    await settle(batch(CHAIN - 900), { state: 'root-mismatch', reason: 'no', leaves: [] });
    await settle(batch(CHAIN - 850), [leaf(1, CHAIN - 1_000)]);
    await settle(batch(CHAIN - 800), { state: 'refused', reason: 'no', leaves: [] });
    await save([individual(CHAIN - 700, 1), batch(CHAIN - 600, { kind: 'old-batch' })]);
    const found = await facts();
    expect([found.lastBatchAtSeconds, found.lastIndividualAtSeconds]).toEqual([CHAIN - 950, CHAIN - 700]);
    expect(found.unchecked).toEqual({ count: 2, oldestAtSeconds: CHAIN - 5_000 });
  });

  test('of an emitter that is new only what proves an answer counts', async () => {
    const emitter = hex(77, 20);
    await save([batch(CHAIN - 950)], { isFirstRead: true });
    await save([batch(CHAIN - 900, { emitter })]);
    await settle(batch(CHAIN - 850, { emitter }), [leaf(2, CHAIN - 1_000, { verdict: 'unsigned' })]);
    expect((await facts()).lastBatchAtSeconds).toBe(CHAIN - 950);
    await settle(batch(CHAIN - 800, { emitter }), [leaf(3, CHAIN - 1_000)]);
    await save([batch(CHAIN - 750, { emitter })]);
    expect((await facts()).lastBatchAtSeconds).toBe(CHAIN - 800);
    expect((await facts(NOW + DAY_MS + 1)).lastBatchAtSeconds).toBe(CHAIN - 750);
  });

  test('the last hour is counted by mode, delays of the last half hour exactly', async () => {
    await settle(batch(CHAIN - 3_600), [leaf(90, CHAIN - 4_000)]);
    await settle(batch(CHAIN - 3_599), [leaf(91, CHAIN - 4_000), leaf(92, CHAIN, { verdict: 'unsigned' })]);
    const signed = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000].map((delay, id) => leaf(id, CHAIN - 100 - delay));
    await settle(batch(CHAIN - 100), [
      ...[...signed, leaf(50, CHAIN, { verdict: 'bad-signature' }), leaf(0, CHAIN - 101)],
      leaf(51, CHAIN - 100, { verdict: 'no-key' }),
    ]);
    await settle(individual(CHAIN - 5, 70), [leaf(70, CHAIN + 9)]);
    expect((await facts()).lastHour).toEqual([
      { mode: 'batch', settled: 14, unsigned: 1, badSignature: 1, recent: { count: 10, p50: 5, p90: 9 } },
      { mode: 'individual', settled: 1, unsigned: 0, badSignature: 0, recent: { count: 1, p50: 0, p90: 0 } },
    ]);
  });

  test('faults are wrong proofs and wrong signatures decided within a day, the newest first', async () => {
    await settle(batch(1_000), { state: 'malformed', reason: 'no JSON', leaves: [] }, NOW - DAY_MS - 1);
    await settle(batch(2_000), { state: 'root-mismatch', reason: 'another root', leaves: [] }, NOW - DAY_MS);
    await settle(batch(3_000), [leaf(1, 5, { verdict: 'bad-signature' }), leaf(2, 5)], NOW - 5);
    await settle(batch(4_000), [leaf(3, 5, { verdict: 'unsigned' }), leaf(4, 5)]);
    await settle(batch(5_000), { state: 'refused', reason: 'no', leaves: [] });
    expect((await facts()).faults.map(({ blockTimestampSeconds, state }) => [blockTimestampSeconds, state])).toEqual([
      [3_000, 'verified'],
      [2_000, 'root-mismatch'],
    ]);
  });

  test('parties are new for a day, unless they were there at first', async () => {
    await save([batch(1_000, { emitter: hex(1, 20) })], { isFirstRead: true });
    await save([batch(2_000, { emitter: hex(2, 20) })], { nowMs: NOW - DAY_MS - 1 });
    await save([batch(3_000, { emitter: hex(3, 20) })], { nowMs: NOW - DAY_MS });
    await save([batch(4_000, { emitter: hex(4, 20) }), batch(4_001, { emitter: hex(3, 20) })]);
    expect((await facts()).newParties.map(({ address }) => address)).toEqual([hex(4, 20), hex(3, 20)]);
  });

  test('nodes are those with a valid proof within a week', async () => {
    const nodeOf = new Map([1, 2, 3].map((id) => [hex(id), 10 + id]));
    const week = 168 * HOUR;
    await save([batch(CHAIN - week - HOUR), batch(CHAIN - 2 * HOUR), batch(CHAIN - HOUR)]);
    const [old, one, two] = await store.proofs.due(10, NOW);
    const verdicts = [
      [old, [leaf(1, CHAIN - week - 2 * HOUR, { teeId: hex(3) })]],
      [one, [leaf(2, CHAIN - 2 * HOUR - 9), leaf(3, CHAIN - 2 * HOUR, { teeId: hex(2), verdict: 'unsigned' })]],
      [two, [leaf(4, CHAIN - HOUR - 50), leaf(5, CHAIN - HOUR - 70), leaf(6, CHAIN, { teeId: hex(9) })]],
    ] as const;
    await store.proofs.saveVerdicts(
      verdicts.map(([settlement, leaves]) => ({ settlementId: settlement?.id ?? 0, verdict: verified([...leaves]) })),
      { nowMs: NOW, nodeOf },
    );
    expect((await facts()).nodes).toEqual([
      { nodeId: 11, lastSignedAtSeconds: CHAIN - HOUR - 50, lastSettledAtSeconds: CHAIN - HOUR, valid7d: 3 },
    ]);
  });

  test('usage is what counters rose by within the last 30 minutes', async () => {
    const at = (secondsAgo: number, total: number) => ({
      ...{ source: 'facilitator' as const, atMs: NOW - secondsAgo * 1_000, total },
    });
    await save([]);
    await store.proofs.saveUsage([at(1_801, 1), at(1_800, 10), at(60, 17), { ...at(60, 3), source: 'base' }], []);
    expect((await facts()).usage).toEqual([
      { source: 'facilitator', rise: 7 },
      { source: 'base', rise: null },
    ]);
  });

  test('they are kept until something is written, or for 10 s, and are what is stored after every write', async () => {
    await save([batch(CHAIN - 50)]);
    const before = await facts();
    await rig.query(url, `UPDATE "SettlementParty" SET "events" = 99`);
    expect(await facts(NOW + 9_999)).toBe(before);
    expect((await facts(NOW + 10_000)).newParties[0]?.events).toBe(99);
    const [settlement] = await store.proofs.due(1, NOW);
    const id = settlement?.id ?? 0;
    const place = {
      address: { platform: 'telegram', chatId: '1', threadId: null },
      title: 't',
      kind: 'group',
    } as const;
    const writes: [string, () => Promise<unknown>][] = [
      ['senders', () => store.proofs.saveSenders(new Map([[id, hex(5, 20)]]), { nowMs: NOW, isFirstRead: false })],
      ['postpone', () => store.proofs.postpone([{ settlementId: id, reason: 'r', nextCheckAtMs: null }])],
      [
        'verdicts',
        () =>
          store.proofs.saveVerdicts([{ settlementId: id, verdict: { state: 'malformed', reason: '', leaves: [] } }], {
            nowMs: NOW,
            nodeOf: new Map(),
          }),
      ],
      [
        'usage',
        () =>
          store.proofs.saveUsage(
            [
              { source: 'base', atMs: NOW, total: 1 },
              { source: 'base', atMs: NOW - 9, total: 0 },
            ],
            [],
          ),
      ],
      [
        'watch',
        () =>
          store.proofs.watch({
            ...{ kind: 'tx', hash: hex(8), signedAtSeconds: null, createdAtSeconds: CHAIN, place, mention: '' },
            ...{ createdBy: 'telegram:1', maxWaiting: 5, nowMs: NOW },
          }),
      ],
      [
        'decide',
        async () =>
          store.proofs.decide([
            { id: (await store.proofs.waiting())[0]?.id ?? 0, state: 'expired', reason: '', nowMs: NOW },
          ]),
      ],
      ['events', () => save([batch(CHAIN)])],
    ];
    for (const [name, job] of writes) {
      const earlier = await facts();
      await job();
      const later = await facts();
      expect(later, name).not.toEqual(earlier);
      expect(later, name).toEqual(await (await rig.open(url)).proofs.facts(NOW, CHAIN));
    }
    await store.proofs.rewind(PROOF_CURSOR, null);
    expect(await store.proofs.facts(NOW, CHAIN)).toBe(null);
  });
});
