import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GAUGE_EVENT_KINDS, type GaugeEvent } from '../../src/lib/gaugeFacts.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { GAUGE_CURSOR, gaugeReading, lock, log, minted, SOURCE, VOTER, voted, WEI } from './gaugeSample.ts';
import { block, cursor, hex } from './sample.ts';

const NOW = 50_000_000;
const [A, B] = [hex(0xa1, 20), hex(0xa2, 20)];
const G = hex(0x61, 20);

describe.each(DIALECTS)('gauges on %s', (dialect) => {
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

  const save = (events: GaugeEvent[], at = 0, source = SOURCE) =>
    store.gauges.saveEvents(
      source,
      events,
      cursor(at || Math.max(...events.map((e) => Number(e.blockNumber))), GAUGE_CURSOR),
    );
  const all = async (source = SOURCE): Promise<GaugeEvent[]> => (await store.gauges.events(source, 0, 10_000)).events;

  describe('events', () => {
    test('are read back as they were, whatever they say', async () => {
      const amount = fc.option(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }));
      const address = fc.option(fc.integer({ min: 1, max: 2 ** 40 }).map((value) => hex(value, 20)));
      const whole = fc.option(fc.nat());
      const event = fc.record({
        kind: fc.constantFrom(...GAUGE_EVENT_KINDS),
        blockNumber: fc.bigInt({ min: 1n, max: 2n ** 40n }),
        logIndex: fc.nat(500),
        blockTimestampSeconds: fc.nat(),
        txHash: fc.nat().map((value) => hex(value)),
        emitter: fc.nat().map((value) => hex(value, 20)),
        from: address,
        to: address,
        gauge: address,
        tokenId: amount,
        epoch: whole,
        valueWei: amount,
        gaugeTotalWei: amount,
        totalWei: amount,
        weightBps: whole,
        atSeconds: whole,
        season: whole,
        text: fc.option(fc.string({ unit: 'binary' })),
      });
      const place = (e: GaugeEvent) => `${e.blockNumber}/${e.logIndex}`;
      let source = 0;
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(event, { selector: place, minLength: 1, maxLength: 20 }), async (events) => {
          source += 1;
          await save(events, 1, `n${source}.votes`);
          const order = (a: GaugeEvent, b: GaugeEvent) =>
            Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex;
          expect(await all(`n${source}.votes`)).toEqual([...events].sort(order));
        }),
        { numRuns: 25 },
      );
    });

    test('come in pages, in the order of the chain, and repeats are ignored', async () => {
      const events = Array.from({ length: 25 }, (_, at) => voted(100 + Math.floor(at / 2), BigInt(at), G, WEI)).map(
        (event, at) => ({ ...event, logIndex: at % 2 }),
      );
      await save(events.slice(0, 15).reverse());
      await save(events.slice(10));
      const found: GaugeEvent[] = [];
      let pages = 0;
      for (let lastId = 0; ; pages += 1) {
        const page = await store.gauges.events(SOURCE, lastId, 10);
        if (page.events.length === 0) {
          expect(page.lastId).toBe(lastId);
          break;
        }
        found.push(...page.events);
        lastId = page.lastId;
      }
      expect(found).toEqual(events);
      expect(pages).toBe(3);
      expect(store.gauges.generation(SOURCE)).toBe(0);
    });

    test('of a contract that is found late take their place, and what was made of the others is made anew', async () => {
      await save([voted(100, 1n, G, WEI), voted(300, 1n, G, WEI)]);
      const { lastId } = await store.gauges.events(SOURCE, 0, 1);
      const [version, generation] = [store.gauges.version(SOURCE), store.gauges.generation(SOURCE)];
      await save([voted(200, 1n, G, 2n * WEI)], 300);
      expect((await all()).map(({ blockNumber }) => blockNumber)).toEqual([100n, 200n, 300n]);
      const next = await store.gauges.events(SOURCE, lastId, 1);
      expect(next.events.map(({ blockNumber }) => blockNumber)).toEqual([200n]);
      expect((await store.gauges.events(SOURCE, next.lastId, 5)).events).toHaveLength(1);
      expect(store.gauges.version(SOURCE)).toBeGreaterThan(version);
      expect(store.gauges.generation(SOURCE)).toBe(generation + 1);
    });

    test('are kept with the cursor, which never goes back, and its checkpoints', async () => {
      await save([voted(100, 1n, G, WEI)], 200);
      await save([voted(150, 1n, G, WEI)], 150);
      expect(await store.nodes.cursor(GAUGE_CURSOR)).toEqual(cursor(200, GAUGE_CURSOR));
      expect((await store.nodes.checkpoints(GAUGE_CURSOR)).map(({ number }) => number)).toEqual([200n]);
    });

    test('of a source are nothing to another', async () => {
      await save([voted(100, 1n, G, WEI)]);
      await save([voted(100, 1n, G, 2n * WEI)], 100, 'other.votes');
      await store.gauges.rewind('other.votes', 'gauges:other.votes:1', null);
      expect(await all()).toHaveLength(1);
      expect(await all('other.votes')).toEqual([]);
      expect(store.gauges.generation(SOURCE)).toBe(0);
    });

    test('after a block that the chain has left are taken back, with cursor and checkpoints', async () => {
      await save([voted(100, 1n, G, WEI)], 110);
      await save([voted(120, 1n, G, WEI), voted(130, 1n, G, WEI)], 130);
      const { lastId } = await store.gauges.events(SOURCE, 0, 5);
      await store.gauges.rewind(SOURCE, GAUGE_CURSOR, block(120));
      expect((await all()).map(({ blockNumber }) => blockNumber)).toEqual([100n, 120n]);
      expect(await store.nodes.cursor(GAUGE_CURSOR)).toEqual(cursor(120, GAUGE_CURSOR));
      expect((await store.nodes.checkpoints(GAUGE_CURSOR)).map(({ number }) => number)).toEqual([110n]);
      expect(store.gauges.generation(SOURCE)).toBe(1);
      // Whoever goes on from what is gone learns nothing, and not everything again.
      expect(await store.gauges.events(SOURCE, lastId, 5)).toEqual({ events: [], lastId });
    });

    test('of another chain are forgotten with everything that was made of it', async () => {
      await save([voted(100, 1n, G, WEI)]);
      await store.gauges.saveReading(gaugeReading(), NOW);
      await store.gauges.rewind(SOURCE, GAUGE_CURSOR, null);
      expect(await all()).toEqual([]);
      expect(await store.nodes.cursor(GAUGE_CURSOR)).toBeNull();
      expect(await store.nodes.checkpoints(GAUGE_CURSOR)).toEqual([]);
      expect(await store.gauges.reading(SOURCE)).toBeNull();
      expect(await store.gauges.eligible(SOURCE, 0)).toEqual([]);
      expect(await store.gauges.voters(SOURCE)).toEqual([]);
    });
  });

  describe('a reading', () => {
    test('is read back as it was, by this process and by another', async () => {
      const reading = gaugeReading({
        locks: Array.from({ length: 5_000 }, (_, at) =>
          lock(at, hex(at + 1, 20), BigInt(at) * WEI, at % 7 === 0 ? { exiting: true, exitAtSeconds: at } : {}),
        ),
        standing: [{ owner: A, gauge: G, powerWei: 2n ** 200n }],
        missing: ['#5: the queue does not say its fee', '##'],
      });
      expect(await store.gauges.reading(SOURCE)).toBeNull();
      await store.gauges.saveReading(reading, NOW);
      expect(await store.gauges.reading(SOURCE)).toEqual({ ...reading, readAtMs: NOW });
      const other = await rig.open(url);
      expect(await other.gauges.reading(SOURCE)).toEqual({ ...reading, readAtMs: NOW });
    });

    test('without locks is no missing one; null and empty stay apart', async () => {
      for (const standing of [null, []]) {
        await store.gauges.saveReading(gaugeReading({ locks: [], standing, clock: null, season: null }), NOW);
        expect(await store.gauges.reading(SOURCE)).toMatchObject({ locks: [], standing, clock: null, season: null });
      }
    });

    test('is held in memory until another is stored, in the same moment or by another process', async () => {
      await store.gauges.saveReading(gaugeReading(), NOW);
      const first = await store.gauges.reading(SOURCE);
      await save([voted(100, 1n, G, WEI)]);
      expect(await store.gauges.reading(SOURCE)).toBe(first);
      await store.gauges.saveReading(gaugeReading({ totalCastWei: 5n }), NOW);
      expect(await store.gauges.reading(SOURCE)).toMatchObject({ totalCastWei: 5n });
      const other = await rig.open(url);
      await other.gauges.saveReading(gaugeReading({ totalCastWei: 6n }), NOW + 1);
      expect(await store.gauges.reading(SOURCE)).toMatchObject({ totalCastWei: 6n });
    });

    test('that lacks some locks says nothing of what could vote', async () => {
      await store.gauges.saveReading(gaugeReading({ locks: [lock(1, A, WEI)], totalLockedWei: 15n * WEI }), NOW);
      expect(await store.gauges.eligible(SOURCE, 0)).toEqual([]);
    });

    test('says what could vote in its epoch: live locks that are not leaving, until the vote ends', async () => {
      const locks = [
        lock(1, A, 4n * WEI),
        lock(2, A, 3n * WEI),
        lock(3, B, 5n * WEI),
        lock(4, hex(0xa3, 20), 9n * WEI, { exiting: true }),
        lock(5, hex(0xa4, 20), 0n),
      ];
      await store.gauges.saveReading(gaugeReading({ locks, block: block(1_399) }), NOW);
      const epoch = {
        epoch: 7,
        voteEndSeconds: 1_400,
        season: 2,
        powerWei: 12n * WEI,
        wallets: 2,
        readAtSeconds: 1_399,
      };
      expect(await store.gauges.eligible(SOURCE, 0)).toEqual([epoch]);
      await store.gauges.saveReading(gaugeReading({ locks: locks.slice(2), block: block(1_400) }), NOW);
      const last = { ...epoch, powerWei: 5n * WEI, wallets: 1, readAtSeconds: 1_400 };
      expect(await store.gauges.eligible(SOURCE, 0)).toEqual([last]);
      await store.gauges.saveReading(gaugeReading({ locks: [], block: block(1_401) }), NOW);
      expect(await store.gauges.eligible(SOURCE, 0)).toEqual([last]);
      expect(await store.gauges.eligible(SOURCE, 8)).toEqual([]);
      // What the chain took back later does not make it unknown: it could not be asked again.
      await store.gauges.rewind(SOURCE, GAUGE_CURSOR, block(1_390));
      expect(await store.gauges.eligible(SOURCE, 0)).toEqual([last]);
    });
  });

  test('voters are those that were voted on and those that were named, once each, as they were seen', async () => {
    const [old, older] = [hex(0x71, 20), hex(0x72, 20)];
    expect(await store.gauges.voters(SOURCE)).toEqual([]);
    await save([voted(100, 1n, G, WEI), minted(101, 1n, A), { ...voted(102, 1n, G, WEI), emitter: old }]);
    await store.gauges.saveReading(
      gaugeReading({ contracts: { voter: `0x${'AB'.repeat(20)}`, queue: hex(9, 20) } }),
      NOW,
    );
    await save([log('weighted', 103, { emitter: older }), log('reset', 104, { emitter: VOTER })]);
    await store.gauges.rewind(SOURCE, GAUGE_CURSOR, block(101));
    expect(await store.gauges.voters(SOURCE)).toEqual([VOTER, old, `0x${'ab'.repeat(20)}`, older]);
  });

  test('what fails to be stored leaves nothing behind, and counts as written', async () => {
    const version = store.gauges.version(SOURCE);
    const broken = { ...voted(100, 1n, G, WEI), kind: null as unknown as 'voted' };
    await expect(save([voted(99, 1n, G, WEI), broken])).rejects.toThrow();
    expect(await all()).toEqual([]);
    expect(await store.nodes.cursor(GAUGE_CURSOR)).toBeNull();
    expect(store.gauges.version(SOURCE)).toBeGreaterThan(version);
  });
});
