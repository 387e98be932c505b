import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { metricsOf } from '../../src/insight/concentration.ts';
import type { SourceState } from '../../src/lib/facts.ts';
import type { ProposalReading, ValidatorReading, VoteReading } from '../../src/lib/governanceFacts.ts';
import type { GovernanceRow } from '../../src/lib/governanceRow.ts';
import { knownFromKey } from '../../src/lib/proofFacts.ts';
import type { Collector } from '../../src/watch/collector.ts';
import { setCollector } from '../../src/watch/setCollector.ts';
import { type TemporaryStore, temporaryStore } from '../rigs/store.ts';
import { GAUGE_CURSOR, gaugeReading, lock, minted, SOURCE, voted, WEI } from '../store/gaugeSample.ts';
import { blobId, detail, file, listed, USES, version } from '../store/modelSample.ts';
import { cursor, hex, record, snapshot } from '../store/sample.ts';
import { SteppingClock } from '../support/steppingClock.ts';

const signal = new AbortController().signal;
const MINUTE = 60_000;
const [A, B] = [hex(0xa1, 20), hex(0xb1, 20)];
const G = hex(0x61, 20);

const row = (kind: GovernanceRow['kind'], network: string): GovernanceRow => ({ kind, network }) as GovernanceRow;
const ROWS = [row('ve-season', 'bedrock'), row('snapshot', 'lido'), row('governor', 'lido')];

let rig: TemporaryStore;
let clock: SteppingClock;
let collector: Collector;
beforeEach(async () => {
  rig = await temporaryStore();
  clock = new SteppingClock();
  collector = setCollector({ store: rig.store, clock, governance: ROWS, govPrecompile: hex(0x805, 20) });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rig.cleanup();
});

/** A look, two seconds after the last one. */
const look = async () => {
  clock.advance(2_000);
  return await collector.collect(signal);
};
const today = () => new Date(clock.now()).toISOString().slice(0, 10);
const members = async (set: string, day = today()) =>
  (await rig.store.sets.members(set, day))?.members.map(({ id, weight }) => [id, weight]);
const status = (source: string, state: SourceState, lastSuccessAtMs: number | null = clock.now()) =>
  rig.store.sources.put({
    ...{ source, state, lastSuccessAtMs, lastAttemptAtMs: clock.now(), failingSinceMs: null },
    ...{ error: null, shortError: null },
  });
const locks = (...powers: bigint[]) => powers.map((power, at) => lock(at + 1, hex(0xa1 + at, 20), power * WEI));
const readLocks = (...powers: bigint[]) =>
  rig.store.gauges.saveReading(gaugeReading({ locks: locks(...powers), totalLockedWei: null }), clock.now());

test('of what was not read nothing is kept, nor of what an earlier process read', async () => {
  await rig.store.gauges.saveReading(gaugeReading(), clock.now() - 1);
  await rig.store.nodes.saveSnapshot(snapshot([record(1)]), clock.now() - 1);
  await status('opengradient.hub', 'fresh', clock.now() - 1);
  expect(await look()).toEqual({ kind: 'fresh' });
  expect(await rig.store.sets.known()).toEqual([]);
});

describe('a gauge source', () => {
  test('gives its sets, with the metrics of what is in them', async () => {
    await rig.store.gauges.saveEvents(SOURCE, [minted(900, 1n, A), voted(950, 1n, G, WEI)], cursor(950, GAUGE_CURSOR));
    await rig.store.meta.set(knownFromKey(GAUGE_CURSOR), '800');
    await readLocks(4n, 6n);
    await look();
    expect(await rig.store.sets.known()).toEqual(['bedrock.gauge-voters', 'bedrock.gauges', 'bedrock.power']);
    expect(await members('bedrock.power')).toEqual([
      [hex(0xa2, 20), 6n * WEI],
      [A, 4n * WEI],
    ]);
    expect(await members('bedrock.gauge-voters')).toEqual([[A, WEI]]);
    const day = await rig.store.sets.latest('bedrock.power');
    expect(day?.latest).toEqual(metricsOf([4n * WEI, 6n * WEI]));
    expect(day?.about).toMatchObject({ atSeconds: 1_000, unit: { symbol: 'BR' } });
    expect(day?.about.words).toContain('chain 56');
  });

  test('a vote shows within one look; who votes is not known before all logs are read', async () => {
    await readLocks(4n);
    await look();
    expect(await rig.store.sets.known()).toEqual(['bedrock.gauges', 'bedrock.power']);
    await rig.store.meta.set(knownFromKey(GAUGE_CURSOR), '800');
    await rig.store.gauges.saveEvents(SOURCE, [minted(900, 1n, B), voted(950, 1n, G, WEI)], cursor(950, GAUGE_CURSOR));
    await look();
    expect(await members('bedrock.gauge-voters')).toEqual([[B, WEI]]);
    await rig.store.gauges.saveEvents(SOURCE, [voted(960, 1n, A, 2n * WEI)], cursor(960, GAUGE_CURSOR));
    await look();
    expect(await members('bedrock.gauge-voters')).toEqual([[B, 3n * WEI]]);
  });

  test('that was really read and is empty is a set of nobody; one that could not be read is none', async () => {
    await readLocks(4n);
    await look();
    const save = vi.spyOn(rig.store.sets, 'save');
    await rig.store.gauges.saveReading(
      gaugeReading({ locks: [], totalLockedWei: null, missing: ['The escrow does not say which locks there are.'] }),
      clock.now(),
    );
    await look();
    expect(await members('bedrock.power')).toEqual([[A, 4n * WEI]]);
    await readLocks();
    await look();
    expect((await rig.store.sets.latest('bedrock.power'))?.latest).toMatchObject({ count: 0, hhi: null });
    expect(save.mock.calls.filter(([{ kind }]) => kind === 'power')).toHaveLength(1);
  });

  test('that fails is left alone until it answers again', async () => {
    await status(SOURCE, 'failing');
    await readLocks(4n);
    await look();
    expect(await rig.store.sets.known()).toEqual([]);
    await status(SOURCE, 'fresh');
    await look();
    expect(await members('bedrock.power')).toEqual([[A, 4n * WEI]]);
  });
});

describe('what says the same', () => {
  test('is kept every ten minutes, as long as it is read anew, and on every new day', async () => {
    const save = vi.spyOn(rig.store.sets, 'save');
    const saves = () => save.mock.calls.filter(([{ kind }]) => kind === 'power').length;
    // Nine minutes before a day ends.
    clock.advance(86_400_000 - (clock.now() % 86_400_000) - 9 * MINUTE);
    await readLocks(4n);
    await look();
    expect(saves()).toBe(1);
    await readLocks(4n);
    await look();
    expect(saves()).toBe(1);
    await readLocks(4n, 1n);
    await look();
    expect(saves()).toBe(2);
    clock.advance(8 * MINUTE);
    await readLocks(4n, 1n);
    await look();
    expect(saves()).toBe(2);
    clock.advance(MINUTE);
    await readLocks(4n, 1n);
    await look();
    expect(saves()).toBe(3);
    clock.advance(10 * MINUTE);
    // Nothing was read since: what is stored is not about now.
    await look();
    expect(saves()).toBe(3);
    await readLocks(4n, 1n);
    await look();
    expect(saves()).toBe(4);
  });
});

test('one set that cannot be made keeps no other from being kept, and is seen', async () => {
  await readLocks(4n);
  await rig.store.nodes.saveSnapshot(snapshot([record(1)]), clock.now());
  vi.spyOn(rig.store.nodes, 'facts').mockRejectedValue(new Error('the disk is gone'));
  await expect(look()).rejects.toThrow('the disk is gone');
  expect(await members('bedrock.power')).toEqual([[A, 4n * WEI]]);
  vi.restoreAllMocks();
  await look();
  expect(await members('opengradient.operators')).toEqual([[hex(0xa1, 20), 1n]]);
});

describe('OpenGradient', () => {
  const validator = (address: typeof A, tokens: bigint): ValidatorReading => ({
    ...{ address, consensus: null, moniker: 'v', status: 'bonded', jailed: false, tombstoned: false },
    ...{ tokensWei: tokens * WEI, jailedUntilSeconds: null, missedBlocks: null, windowBlocks: null },
    ...{ minSignedPpm: null, startHeight: null },
  });
  const readValidators = (readings: ValidatorReading[]) =>
    rig.store.governance.saveValidators({
      ...{ source: 'opengradient.validators', readings, clockSeconds: 500, nowMs: clock.now() },
    });

  test('validators, those that left no more among them; an empty answer is none', async () => {
    await readValidators([]);
    await look();
    expect(await rig.store.sets.known()).toEqual([]);
    await readValidators([validator(A, 1n), validator(B, 3n)]);
    await look();
    expect(await members('opengradient.validators')).toEqual([
      [B, 3n * WEI],
      [A, WEI],
    ]);
    for (let round = 0; round < 2; round += 1) {
      clock.advance(1_000);
      await readValidators([validator(A, 1n)]);
    }
    await look();
    expect(await members('opengradient.validators')).toEqual([[A, WEI]]);
  });

  test('operators, and their answers once settlements were read and can be checked', async () => {
    await rig.store.nodes.saveSnapshot(
      snapshot([record(1), record(2, { owner: A }), record(3, { enabled: false })]),
      clock.now(),
    );
    await status('opengradient.settlements', 'stale', null);
    await look();
    expect(await members('opengradient.operators')).toEqual([[A, 2n]]);
    expect(await rig.store.sets.known()).toEqual(['opengradient.operators']);
    await status('opengradient.settlements', 'fresh');
    await status('opengradient.proofs', 'failing');
    await look();
    expect(await rig.store.sets.known()).toEqual(['opengradient.operators']);
    await status('opengradient.proofs', 'fresh');
    await look();
    expect((await rig.store.sets.latest('opengradient.inferences'))?.latest.count).toBe(0);
  });

  test('publishers by listings and by use; use waits until somebody knows whose files they are', async () => {
    const { models } = rig.store;
    await models.saveUses(
      [
        {
          blobId: blobId(1),
          kind: 'inference',
          blockNumber: 5n,
          logIndex: 0,
          blockTimestampSeconds: 5,
          txHash: hex(5),
        },
        {
          blobId: blobId(9),
          kind: 'inference',
          blockNumber: 6n,
          logIndex: 0,
          blockTimestampSeconds: 6,
          txHash: hex(6),
        },
      ],
      cursor(6, USES),
      clock.now(),
    );
    await status('opengradient.use', 'fresh');
    await look();
    expect(await rig.store.sets.known()).toEqual([]);
    await models.saveList([listed('Acme/a'), listed('acme/b'), listed('zed/c')], clock.now());
    await models.saveDetail(detail('Acme/a', [version('1', [], { files: [file(1)] })]), clock.now());
    await status('opengradient.hub', 'fresh');
    clock.advance(MINUTE);
    await status('opengradient.use', 'fresh');
    await look();
    expect(await members('opengradient.publishers')).toEqual([
      ['acme', 2n],
      ['zed', 1n],
    ]);
    expect(await members('opengradient.use')).toEqual([['acme', 1n]]);
    expect((await rig.store.sets.latest('opengradient.use'))?.about.left).toEqual([
      '1 use of files that no model is known to have',
    ]);
  });
});

describe('voters on proposals', () => {
  const proposal = (ref: string, more: Partial<ProposalReading> = {}): ProposalReading => ({
    ...{ ref, title: ref, summary: '', proposer: null, status: 'voting', kinds: [], submittedAtSeconds: 1 },
    ...{ startAtSeconds: 1, endAtSeconds: 2_000, choices: ['yes', 'no'], tally: null, votesCount: null, link: null },
    terms: {
      ...{ unit: { symbol: 'LDO', decimals: 18 }, eligible: null, eligibleWords: '', otherEligible: null },
      ...{ quorum: null, quorumChoices: [], threshold: null, veto: null, yes: null, against: [], vetoChoice: null },
      shielded: false,
    },
    ...more,
  });
  const vote = (voter: string, power: bigint | null): VoteReading => ({
    ...{ voter, choices: [{ choice: 0, weight: '1' }], power, castAtSeconds: 5 },
  });
  const save = (source: string, proposals: Record<string, VoteReading[]>, more: Partial<ProposalReading> = {}) =>
    rig.store.governance.saveProposals({
      source,
      readings: Object.keys(proposals).map((ref) => proposal(ref, more)),
      votes: new Map(Object.entries(proposals).map(([ref, votes]) => [ref, { votes, isComplete: true }])),
      clockSeconds: 90 * 86_400 + 1_000,
      nowMs: clock.now(),
    });

  test('add up over open and closed ones of 90 days, once all of a network’s sources were read', async () => {
    await save('lido.snapshot', { one: [vote('a', 5n), vote('b', 2n)] });
    await look();
    expect(await rig.store.sets.known()).toEqual([]);
    await save('lido.governor', { 1: [vote('b', 9n)] }, { status: 'executed' });
    await save('lido.governor', { 2: [vote('z', 99n)] }, { status: 'executed', endAtSeconds: 999 });
    await look();
    expect(await members('lido.voters')).toEqual([
      ['b', 11n],
      ['a', 5n],
    ]);
    await status('lido.governor', 'failing');
    await save('lido.snapshot', { one: [vote('a', 50n)] });
    await look();
    expect((await members('lido.voters'))?.[0]).toEqual(['b', 11n]);
  });

  test('are no set where nothing was ever proposed, or no vote has a known power', async () => {
    await save('opengradient.governance', {});
    await look();
    clock.advance(1_000);
    await save('opengradient.governance', { 1: [vote('a', null)] });
    await look();
    expect(await rig.store.sets.known()).toEqual([]);
    clock.advance(1_000);
    await save('opengradient.governance', { 1: [vote('a', null), vote('b', 3n)] });
    await look();
    expect(await members('opengradient.voters')).toEqual([['b', 3n]]);
  });
});
