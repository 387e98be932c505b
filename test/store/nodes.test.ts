import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openClient } from '../../src/store/client.ts';
import { loadFacts } from '../../src/store/nodeRows.ts';
import type { NodeFacts, Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { block, CURSOR, cursor, event, hex, probe, REGISTRY, record, snapshot } from './sample.ts';

/** In an order that does not depend on where it was read from. */
function sorted(facts: NodeFacts | null) {
  return (
    facts && {
      ...facts,
      nodes: facts.nodes.map((node) => ({
        ...node,
        records: [...node.records].sort((a, b) => (a.teeId < b.teeId ? -1 : 1)),
        probes: [...node.probes.values()].sort((a, b) => (a.teeId < b.teeId ? -1 : 1)),
      })),
    }
  );
}

describe.each(DIALECTS)('nodes on %s', (dialect) => {
  let rig: DatabaseRig;
  beforeAll(async () => {
    rig = await startDatabases(dialect);
  });
  afterAll(() => rig.close());

  async function opened(): Promise<{ store: Store; url: string; again(): Promise<Store> }> {
    const url = await rig.emptyDatabase();
    return { store: await rig.open(url), url, again: () => rig.open(url) };
  }

  test('nothing is known before the first read', async () => {
    const { store } = await opened();
    expect(await store.nodes.facts()).toBe(null);
    expect(await store.nodes.cursor(CURSOR)).toBe(null);
    expect(await store.nodes.events({ limit: 10 })).toEqual([]);
  });

  test('a snapshot is read back as it was, also by the next process', async () => {
    const { store, again } = await opened();
    const records = [record(1), record(2, { enabled: false, layout: 10, ohttp: null, endpoint: '' })];
    const read = snapshot(records, { approvedPcrs: null, types: [] });
    await store.nodes.saveSnapshot(read, 5_000);
    for (const reader of [store, await again()]) {
      const facts = await reader.nodes.facts();
      const { records: _, ...registry } = read;
      expect(facts).toMatchObject({ registry, readAtMs: 5_000 });
      const nodes = new Map(facts?.nodes.map((node) => [node.key, node.records]));
      expect(nodes).toEqual(
        new Map([
          ['https://node-1.example', [records[0]]],
          [`tee:${hex(2)}`, [records[1]]],
        ]),
      );
    }
  });

  test('registrations at one endpoint are one node, whose id stays when an enclave is replaced', async () => {
    const { store } = await opened();
    await store.nodes.saveSnapshot(snapshot([record(1)]), 1);
    const [before] = (await store.nodes.facts())?.nodes ?? [];
    const successor = record(2, { endpoint: 'HTTPS://Node-1.example:443/' });
    await store.nodes.saveSnapshot(snapshot([record(1, { enabled: false }), successor]), 2);
    const nodes = (await store.nodes.facts())?.nodes ?? [];
    expect(nodes).toHaveLength(1);
    expect(nodes[0]).toMatchObject({ id: before?.id, firstSeenAtMs: 1 });
    expect(nodes[0]?.records.map(({ enabled }) => enabled)).toEqual([false, true]);
  });

  test('a record that the registry no longer lists is kept', async () => {
    const { store, again } = await opened();
    await store.nodes.saveSnapshot(snapshot([record(1), record(2)]), 1);
    await store.nodes.saveSnapshot(snapshot([record(2)], { block: block(101) }), 2);
    const facts = await (await again()).nodes.facts();
    expect(facts?.nodes.map(({ records }) => records[0]?.teeId).sort()).toEqual([hex(1), hex(2)]);
    expect(facts?.registry.block.number).toBe(101n);
  });

  test('a node that moves to another endpoint is found there and not at the old one', async () => {
    const { store } = await opened();
    await store.nodes.saveSnapshot(snapshot([record(1)]), 1);
    await store.nodes.facts();
    await store.nodes.saveSnapshot(snapshot([record(1, { endpoint: 'https://new.example' })]), 2);
    const nodes = (await store.nodes.facts())?.nodes ?? [];
    expect(nodes.map(({ key }) => key)).toEqual(['https://new.example']);
  });

  test('a snapshot that cannot be stored in full is not stored in part', async () => {
    const { store, url } = await opened();
    await store.nodes.saveSnapshot(snapshot([record(1)]), 1);
    // Breaks the last statement of the transaction, after the state and the nodes have been written.
    await rig.query(url, 'ALTER TABLE "TeeRecord" RENAME TO "Away"');
    await expect(store.nodes.saveSnapshot(snapshot([record(2)], { block: block(900) }), 2)).rejects.toThrow();
    await rig.query(url, 'ALTER TABLE "Away" RENAME TO "TeeRecord"');
    const facts = await (await rig.open(url)).nodes.facts();
    expect(facts?.registry.block.number).toBe(100n);
    expect(await rig.query(url, 'SELECT "key" FROM "Node"')).toEqual([{ key: 'https://node-1.example' }]);
  });

  test('events and their cursor are stored together or not at all', async () => {
    const { store, url } = await opened();
    await store.nodes.saveSnapshot(snapshot([record(1)]), 1);
    await store.nodes.saveEvents(REGISTRY, [event('registered', 1, 1_000)], cursor(1_000), 1_800);
    const next = [event('disabled', 1, 2_000), event('heartbeat', 1, 2_100)];
    // Breaks the folding, which comes after the events and before the cursor.
    await rig.query(url, 'ALTER TABLE "NodeHour" RENAME TO "Away"');
    await expect(store.nodes.saveEvents(REGISTRY, next, cursor(2_100), 1_800)).rejects.toThrow();
    expect((await store.nodes.cursor(CURSOR))?.block).toEqual(block(1_000));
    expect(await store.nodes.events({ limit: 10 })).toHaveLength(1);
    await rig.query(url, 'ALTER TABLE "Away" RENAME TO "NodeHour"');
    await store.nodes.saveEvents(REGISTRY, next, cursor(2_100), 1_800);
    expect((await store.nodes.cursor(CURSOR))?.block).toEqual(block(2_100));
    expect(await store.nodes.events({ limit: 10 })).toHaveLength(3);
  });

  test('a cursor that cannot be written takes its events back', async () => {
    const { store, url } = await opened();
    await rig.query(url, 'ALTER TABLE "Cursor" RENAME COLUMN "blockHash" TO "away"');
    await expect(store.nodes.saveEvents(REGISTRY, [event('disabled', 1, 5)], cursor(5), 1_800)).rejects.toThrow();
    expect(await store.nodes.events({ limit: 10 })).toEqual([]);
  });

  test('events are read back newest first, by node, kind and time', async () => {
    const { store, again } = await opened();
    const all = [
      event('registered', 1, 10, { owner: hex(7, 20), teeType: 3 }),
      event('pcr-revoked', 0, 20, { teeId: null, pcrHash: hex(9) }),
      event('disabled', 1, 30, { logIndex: 1 }),
      event('disabled', 2, 30, { logIndex: 2 }),
    ];
    await store.nodes.saveEvents(REGISTRY, all, cursor(30), 1_800);
    const { nodes } = await again();
    const [registered, revoked, first, second] = all;
    expect(await nodes.events({ limit: 10 })).toEqual([second, first, revoked, registered]);
    expect(await nodes.events({ limit: 1 })).toEqual([second]);
    expect(await nodes.events({ teeIds: [hex(1)], limit: 10 })).toEqual([first, registered]);
    expect(await nodes.events({ kinds: ['pcr-revoked'], limit: 10 })).toEqual([revoked]);
    expect(await nodes.events({ sinceSeconds: 20, limit: 10 })).toEqual([second, first, revoked]);
  });

  test('a log that comes again is stored once, and a cursor never goes back by itself', async () => {
    const { store } = await opened();
    const events = [event('disabled', 1, 10), event('enabled', 1, 20)];
    await store.nodes.saveEvents(REGISTRY, events, cursor(20), 1_800);
    await store.nodes.saveEvents(REGISTRY, events, cursor(10), 1_800);
    expect(await store.nodes.events({ limit: 10 })).toHaveLength(2);
    expect((await store.nodes.cursor(CURSOR))?.block.number).toBe(20n);
  });

  test('when the chain was reset, what came from it is forgotten; probes of the nodes are not', async () => {
    const { store, again } = await opened();
    await store.nodes.saveSnapshot(snapshot([record(1)]), 1);
    const beats = [event('heartbeat', 1, 100), event('heartbeat', 1, 200)];
    await store.nodes.saveEvents(REGISTRY, beats, cursor(200), 1_800);
    await store.nodes.saveProbes([probe(1, 150_000)]);
    const [node] = (await store.nodes.facts())?.nodes ?? [];
    await store.nodes.forgetChain(REGISTRY, CURSOR, 0);
    for (const { nodes, history } of [store, await again()]) {
      expect(await nodes.facts()).toBe(null);
      expect(await nodes.cursor(CURSOR)).toBe(null);
      expect(await nodes.events({ limit: 10 })).toEqual([]);
      const hours = await history.hours({ nodeIds: [node?.id ?? 0], fromHour: 0, toHour: 1 });
      expect(hours).toMatchObject([{ beats: 0, coveredSeconds: 0, activeSeconds: 0, probes: 1, reached: 1 }]);
    }
    // Read again, the same logs count once.
    await store.nodes.saveSnapshot(snapshot([record(1)]), 2);
    await store.nodes.saveEvents(REGISTRY, beats, cursor(200), 1_800);
    expect(await store.history.hours({ nodeIds: [node?.id ?? 0], fromHour: 0, toHour: 1 })).toMatchObject([
      { beats: 2, coveredSeconds: 100 },
    ]);
  });

  test('hours from before the given one stay when the chain was reset', async () => {
    const { store } = await opened();
    await store.nodes.saveSnapshot(snapshot([record(1)]), 1);
    const beats = [event('heartbeat', 1, 3_600), event('heartbeat', 1, 7_200), event('heartbeat', 1, 10_800)];
    await store.nodes.saveEvents(REGISTRY, beats, cursor(10_800), 1_800);
    const nodeId = (await store.nodes.facts())?.nodes[0]?.id ?? 0;
    await store.nodes.forgetChain(REGISTRY, CURSOR, 2);
    const hours = await store.history.hours({ nodeIds: [nodeId], fromHour: 0, toHour: 9 });
    expect(hours.map(({ hour, beats: count }) => [hour, count])).toEqual([
      [1, 1],
      [2, 0],
      [3, 0],
    ]);
    expect(await store.nodes.checkpoints(CURSOR)).toEqual([]);
  });

  test('registrations from after the block that the chain went back to are forgotten', async () => {
    const { store } = await opened();
    const records = [record(1, { registeredAtSeconds: 50 }), record(2, { registeredAtSeconds: 51 })];
    await store.nodes.saveSnapshot(snapshot(records), 1);
    await store.nodes.saveEvents(REGISTRY, [event('registered', 2, 51)], cursor(60), 1_800);
    await store.nodes.rewind(REGISTRY, cursor(50), 1_800);
    expect((await store.nodes.facts())?.nodes.map(({ key }) => key)).toEqual(['https://node-1.example']);
    expect(await store.nodes.events({ limit: 9 })).toEqual([]);
  });

  test('what is known of another registry than the configured one, or on another chain, is no fact of it', async () => {
    const { store, url } = await opened();
    const old = snapshot([record(1)]);
    await store.nodes.saveSnapshot(old, 5_000);
    const id = { registry: REGISTRY, chainId: old.chainId };
    const other = { ...id, registry: `0x${'ee'.repeat(20)}` as const };
    expect((await (await rig.open(url, id)).nodes.facts())?.nodes).toHaveLength(1);
    expect(await (await rig.open(url, { ...id, chainId: 1 })).nodes.facts()).toBeNull();
    const moved = await rig.open(url, other);
    expect(await moved.nodes.facts()).toBeNull();
    await moved.nodes.saveSnapshot({ ...old, ...other, records: [record(2)] }, 4_000);
    expect((await moved.nodes.facts())?.nodes.map(({ key }) => key)).toEqual(['https://node-2.example']);
    expect((await (await rig.open(url, other)).nodes.facts())?.nodes).toHaveLength(1);
  });

  test('a registry is of the chain that it was last read on', async () => {
    const { store } = await opened();
    expect(await store.nodes.chainOf(REGISTRY)).toBe(null);
    await store.nodes.saveSnapshot(snapshot([record(1)], { chainId: 7 }), 1);
    expect(await store.nodes.chainOf(REGISTRY)).toBe(7);
    expect(await store.nodes.chainOf(hex(1, 20))).toBe(null);
  });

  test('the blocks that a chain is known by are the first, the newest, and few between, also in the next process', async () => {
    const { store, again } = await opened();
    await store.nodes.addCheckpoints(CURSOR, [block(1)]);
    for (let number = 100; number <= 400; number += 1)
      await store.nodes.saveEvents(REGISTRY, [], cursor(number), 1_800);
    const known = await store.nodes.checkpoints(CURSOR);
    expect(await (await again()).nodes.checkpoints(CURSOR)).toEqual(known);
    const numbers = known.map(({ number }) => Number(number));
    expect(numbers.at(0)).toBe(1);
    expect(numbers.at(-1)).toBe(400);
    expect(numbers).toContain(399);
    expect(known.length).toBeLessThan(25);
    expect(known.at(1)).toEqual(block(numbers[1] ?? 0));
  });

  test('a probe that is stored while the facts are being read counts once', async () => {
    const { store, again } = await opened();
    await store.nodes.saveSnapshot(snapshot([record(1)]), 1);
    const saving = store.nodes.saveProbes([probe(1, 1_000)]);
    await Promise.all([store.nodes.facts(), saving, store.nodes.facts()]);
    expect(sorted(await store.nodes.facts())).toEqual(sorted(await (await again()).nodes.facts()));
  });

  test('what is remembered is what is stored, whatever was written', async () => {
    const id = fc.integer({ min: 1, max: 3 });
    const at = fc.integer({ min: 1, max: 30 });
    const step = fc.oneof(
      fc.record({ do: fc.constant('snapshot' as const), ids: fc.uniqueArray(id), at, moved: fc.boolean() }),
      fc.record({ do: fc.constant('touch' as const), at }),
      fc.record({ do: fc.constant('beat' as const), id, at }),
      fc.record({ do: fc.constant('probe' as const), ids: fc.uniqueArray(id), at, up: fc.boolean() }),
      fc.record({ do: fc.constant('reset' as const) }),
    );
    const url = await rig.emptyDatabase();
    const store = await rig.open(url);
    const { prisma } = openClient(url);
    let clock = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        await store.nodes.forgetChain(REGISTRY, CURSOR, 0);
        for (const next of steps) {
          clock += 1;
          const { nodes } = store;
          if (next.do === 'snapshot') {
            const more = next.moved ? { endpoint: 'https://shared.example' } : { lastHeartbeatAtSeconds: clock };
            const records = next.ids.map((each) => record(each, more));
            await nodes.saveSnapshot(snapshot(records, { block: block(next.at) }), clock);
          } else if (next.do === 'touch') await nodes.touch(REGISTRY, block(next.at), clock);
          else if (next.do === 'beat')
            await nodes.saveEvents(REGISTRY, [event('heartbeat', next.id, next.at)], cursor(next.at), 1_800);
          else if (next.do === 'probe') {
            const outcome = next.up ? 'ok' : 'timeout';
            await nodes.saveProbes(next.ids.map((each) => probe(each, clock * 1_000, { outcome })));
          } else await nodes.forgetChain(REGISTRY, CURSOR, 0);
          expect(sorted(await nodes.facts())).toEqual(sorted(await loadFacts(prisma)));
        }
      }),
      { numRuns: 30 },
    );
    await prisma.$disconnect();
  });
});
