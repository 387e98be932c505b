import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Hex } from '../../src/lib/facts.ts';
import { LEAF_VERDICTS, type SettlementEvent } from '../../src/lib/proofFacts.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { batch, individual, leaf, PROOF_CURSOR, verified } from './proofSample.ts';
import { block, cursor, hex, record, snapshot } from './sample.ts';

const HOUR = 3_600;
const T = 1_000 * HOUR;
const NOW = 9_000_000;
const OPTIONS = { nowMs: NOW, isFirstRead: false };

/** What a chain brings: a settlement each, with leaves whose ids may come again in others. */
const settlements = fc.array(
  fc.record({
    gapSeconds: fc.integer({ min: 1, max: 2 * HOUR }),
    isBatch: fc.boolean(),
    emitter: fc.integer({ min: 1, max: 2 }),
    wrong: fc.boolean(),
    leaves: fc.array(
      fc.record({
        id: fc.integer({ min: 1, max: 4 }),
        node: fc.integer({ min: 1, max: 3 }),
        signedBefore: fc.constantFrom(0, 5, 4_000, 200 * HOUR),
        verdict: fc.constantFrom('valid', 'valid', ...LEAF_VERDICTS),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  { minLength: 1, maxLength: 8 },
);
type Chain = typeof settlements extends fc.Arbitrary<infer T> ? T : never;

describe.each(DIALECTS)('proofs taken back on %s', (dialect) => {
  let rig: DatabaseRig;
  let store: Store;
  let url: string;
  let nodeOf: Map<Hex, number>;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
    url = await rig.emptyDatabase();
    store = await rig.open(url);
    await store.nodes.saveSnapshot(snapshot([record(1), record(2)]), 1);
    const nodes = (await store.nodes.facts())?.nodes ?? [];
    nodeOf = new Map(nodes.flatMap(({ id, records }) => records.map(({ teeId }) => [teeId, id])));
  });
  afterAll(() => rig.close());

  const TABLES = {
    ProofHour: '"hour", "nodeId", "mode"',
    Settlement: '"blockNumber", "logIndex"',
    SettlementParty: '"kind", "address"',
    Leaf: '"settlementId", "position"',
  };
  async function everything() {
    const tables: Record<string, unknown[]> = {};
    for (const [table, order] of Object.entries(TABLES))
      tables[table] = await rig.query<object>(url, `SELECT * FROM "${table}" ORDER BY ${order}`);
    const ids = new Map(
      (tables.Settlement as { id: number; blockNumber: bigint }[]).map((row) => [row.id, row.blockNumber]),
    );
    return Object.fromEntries(
      Object.entries(tables).map(([table, rows]) => [
        table,
        (rows as Record<string, unknown>[]).map(({ id: _, settlementId, ...row }) => ({
          ...row,
          ...(settlementId === undefined ? {} : { of: ids.get(settlementId as number) }),
        })),
      ]),
    );
  }

  /** Stores and decides a stretch of the chain in block order, all its settlements in one call. */
  async function bring(chain: Chain, from: number, to: number): Promise<number> {
    const events: SettlementEvent[] = [];
    let at = T;
    for (const { gapSeconds, isBatch, emitter, leaves } of chain.slice(0, to)) {
      at += gapSeconds;
      const first = leaves[0];
      const event = isBatch || first === undefined ? batch(at) : individual(at, first.id, T - first.signedBefore);
      events.push({ ...event, emitter: hex(emitter, 20) });
    }
    const fresh = events.slice(from);
    await store.proofs.saveEvents(fresh, cursor(at, PROOF_CURSOR), OPTIONS);
    const stored = await store.proofs.due(100, NOW);
    await store.proofs.saveSenders(new Map(stored.map(({ id }) => [id, hex(9, 20)])), OPTIONS);
    await store.proofs.saveVerdicts(
      stored.map(({ id }, index) => {
        const { wrong, leaves } = chain[from + index] as Chain[number];
        const checked = leaves.map(({ id: answer, node, signedBefore, verdict }) =>
          leaf(answer, T - signedBefore, { teeId: hex(node), verdict }),
        );
        const verdict = wrong ? { state: 'root-mismatch' as const, reason: 'no', leaves: [] } : verified(checked);
        return { settlementId: id, verdict };
      }),
      { nowMs: NOW, nodeOf },
    );
    return at;
  }

  const timeOf = (chain: Chain, count: number) =>
    chain.slice(0, count).reduce((at, { gapSeconds }) => at + gapSeconds, T);

  test('the chain goes back to a block: what is left is what there was at that block', async () => {
    const cut = settlements.chain((chain) => fc.tuple(fc.constant(chain), fc.integer({ min: 0, max: chain.length })));
    await fc.assert(
      fc.asyncProperty(cut, async ([chain, keep]) => {
        await store.proofs.rewind(PROOF_CURSOR, null);
        await bring(chain, 0, keep);
        const before = await everything();
        await bring(chain, keep, chain.length);
        const back = block(timeOf(chain, keep));
        await store.proofs.rewind(PROOF_CURSOR, back);
        expect(await everything()).toEqual(before);
        expect((await store.nodes.cursor(PROOF_CURSOR))?.block).toEqual(back);
        // Read again, the same blocks count once.
        await bring(chain, keep, chain.length);
        const again = await everything();
        await store.proofs.rewind(PROOF_CURSOR, null);
        await bring(chain, 0, keep);
        await bring(chain, keep, chain.length);
        expect(again).toEqual(await everything());
      }),
      { numRuns: dialect === 'sqlite' ? 40 : 12 },
    );
  }, 120_000);

  test('a repeat counts when the first copy is gone', async () => {
    await store.proofs.rewind(PROOF_CURSOR, null);
    await store.proofs.saveEvents([batch(T), batch(T + 10)], cursor(T + 10, PROOF_CURSOR), OPTIONS);
    const [one, two] = await store.proofs.due(10, NOW);
    // The later one is checked first.
    for (const settlement of [two, one])
      await store.proofs.saveVerdicts([{ settlementId: settlement?.id ?? 0, verdict: verified([leaf(1, T - 5)]) }], {
        ...{ nowMs: NOW, nodeOf },
      });
    expect((await store.proofs.byBlob(`blob-${T}`))[0]?.counts).toMatchObject({ valid: 0, repeated: 1 });
    await store.proofs.rewind(PROOF_CURSOR, block(T));
    expect((await store.proofs.byBlob(`blob-${T}`))[0]?.counts).toMatchObject({ valid: 1, repeated: 0 });
    const hours = await store.proofs.hours({ nodeId: 0, fromHour: 0, toHour: 1e6 });
    expect(hours).toMatchObject([
      { hour: 999, signed: 1, exposedSeconds: 5 },
      { hour: 1_000, settled: 1, valid: 1, maxDelaySeconds: 5 },
    ]);
    expect((await store.proofs.leavesOf(leaf(1, T).requestHash))[0]?.repeat).toBe(false);
  });

  test('everything is forgotten when the chain is another', async () => {
    await bring([{ gapSeconds: 1, isBatch: true, emitter: 1, wrong: false, leaves: [] }], 0, 1);
    await store.proofs.rewind(PROOF_CURSOR, null);
    expect(Object.values(await everything()).flat()).toEqual([]);
    expect(await store.nodes.cursor(PROOF_CURSOR)).toBe(null);
    expect(await store.nodes.checkpoints(PROOF_CURSOR)).toEqual([]);
    expect(await store.proofs.facts(NOW, T)).toBe(null);
  });
});
