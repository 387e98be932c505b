import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Address } from '../../src/lib/delivery.ts';
import type { ProposalReading, VoteReading } from '../../src/lib/governanceFacts.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { NO_VOTES, OTHER, proposal, SOURCE, VALIDATORS, validator, vote, voter } from './governanceSample.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NOW = 1_000 * DAY;
/** Opened long after the first reading of its source. */
const LATE = { submittedAtSeconds: NOW / 1000 - 100, startAtSeconds: NOW / 1000 - 50, endAtSeconds: NOW / 1000 + 500 };

describe.each(DIALECTS)('facts about governance on %s', (dialect) => {
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

  const save = (
    nowMs: number,
    readings: ProposalReading[],
    votes: Record<string, VoteReading[]> = {},
    more: { source?: string; isComplete?: boolean } = {},
  ) =>
    store.governance.saveProposals({
      ...{ source: more.source ?? SOURCE, readings, clockSeconds: Math.floor(nowMs / 1000), nowMs },
      votes: new Map(
        Object.entries(votes).map(([ref, some]) => [ref, { votes: some, isComplete: more.isComplete ?? true }]),
      ),
    });
  /** Of a new process, so that nothing is in memory. */
  const facts = async (nowMs = NOW, of = store) => {
    const found = await of.governance.facts(nowMs);
    if (found === null) throw new Error('there are no facts');
    return found;
  };
  const refs = async (nowMs = NOW) => (await facts(nowMs)).proposals.map(({ ref }) => ref);
  const chat = (chatId: string): Address => ({ platform: 'telegram', chatId, threadId: null });
  const follow = (chatId: string, subject: string, scope: 'voter' | 'network' = 'voter') =>
    store.subscriptions.add({
      ...{ address: chat(chatId), title: chatId, kind: 'group', family: 'voter', scope, subject },
      ...{ createdBy: 'telegram:1', nowMs: 1 },
    });

  test('there are none before any source was read', async () => {
    expect(await store.governance.facts(NOW)).toBe(null);
    await store.governance.saveProposals({
      ...{ source: SOURCE, readings: [], votes: NO_VOTES, clockSeconds: 5, nowMs: NOW },
    });
    const sources = [{ source: SOURCE, readAtMs: NOW, clockSeconds: 5 }];
    const nothing = { proposals: [], votes: new Map(), followed: [], validators: [] };
    expect(await facts()).toEqual({ sources, ...nothing });
    await store.governance.saveValidators({
      ...{ source: VALIDATORS, readings: [validator(1)], clockSeconds: 6, nowMs: NOW },
    });
    expect((await facts()).sources).toEqual([...sources, { source: VALIDATORS, readAtMs: NOW, clockSeconds: 6 }]);
  });

  test('open proposals for ever; others for two days after they were first seen or closed, not what was over at first', async () => {
    const then = NOW - 3 * DAY;
    await save(then, [proposal('open'), proposal('over', { status: 'passed' }), proposal('ends')]);
    await save(then + 1, [proposal('ends', { status: 'passed' })]);
    await save(NOW - DAY, [proposal('seen', { ...LATE, status: 'passed' }), proposal('older', { status: 'rejected' })]);
    expect(new Set(await refs(then + 1))).toEqual(new Set(['seen', 'open', 'ends']));
    expect(new Set(await refs(then + 1 + 2 * DAY))).toEqual(new Set(['seen', 'open', 'ends']));
    expect(new Set(await refs(then + 2 + 2 * DAY + 10_001))).toEqual(new Set(['seen', 'open']));
    expect(await refs(NOW + DAY + 20_002)).toEqual(['open']);
    await save(NOW, [proposal('new', LATE)]);
    expect(await refs()).toEqual(['new', 'seen', 'open']);
  });

  test('at most a thousand, open ones before others', async () => {
    const many = Array.from({ length: 1_003 }, (_, at) =>
      proposal(`n${at}`, { ...LATE, startAtSeconds: 50_000 + at, status: 'passed' }),
    );
    await save(NOW - DAY, [proposal('open')]);
    await save(NOW, many);
    const found = await refs();
    expect(found).toHaveLength(1_000);
    expect([found[0], found.at(-2), found.at(-1)]).toEqual(['n1002', 'n4', 'open']);
  });

  test('of each, the heaviest thousand votes; of what closed earlier, none', async () => {
    const votes = Array.from({ length: 1_005 }, (_, at) => vote(at + 1, 0, { power: BigInt(10 * at) }));
    await save(NOW - 3 * DAY, [proposal('1'), proposal('2'), proposal('3', { startAtSeconds: 999 })], {
      ...{ 1: votes, 2: [vote(1)], 3: [vote(7), vote(8, 0, { power: null })] },
    });
    await save(NOW - 2 * DAY - 1, [proposal('2', { status: 'passed' })]);
    const found = await facts();
    const idOf = new Map(found.proposals.map(({ id, ref }) => [id, ref]));
    const all = [...found.votes.values()].flat();
    expect(all).toHaveLength(1_002);
    const shown = all.map(({ proposalId, power }) => `${idOf.get(proposalId)} ${power}`);
    expect([shown[0], shown[999], ...shown.slice(1_000)]).toEqual(['1 10040', '1 50', `3 ${10n ** 18n}`, '3 null']);
  });

  test('validators that are there, and for two days those that left', async () => {
    const all = [validator(1), validator(2)];
    const list = (nowMs: number, readings: typeof all) =>
      store.governance.saveValidators({ source: VALIDATORS, readings, clockSeconds: 1, nowMs });
    await list(1_000, all);
    for (const at of [2_000, 3_000]) await list(at, all.slice(0, 1));
    const present = async (nowMs: number) =>
      (await facts(nowMs, await rig.open(url))).validators.map(({ moniker }) => moniker).sort();
    expect(await present(3_000 + 2 * DAY)).toEqual(['validator-1', 'validator-2']);
    expect(await present(3_001 + 2 * DAY)).toEqual(['validator-1']);
  });

  describe('who has voted of those that are followed', () => {
    const word = async (nowMs = NOW, of = store) => {
      const { followed, proposals } = await facts(nowMs, of);
      const refOf = new Map(proposals.map(({ id, ref }) => [id, ref]));
      return followed.map((one) => `${refOf.get(one.proposalId)} ${Number(one.voter)} ${one.hasVoted}`);
    };

    test('each on every open proposal, once, and nobody whom no active chat follows', async () => {
      await follow('a', voter(1));
      await follow('b', voter(1));
      await follow('a', voter(2));
      await follow('dead', voter(3));
      await store.subscriptions.placeGone(chat('dead'), 'blocked', { wholeChat: true });
      await follow('a', 'opengradient', 'network');
      const open = ['pending', 'voting', 'unknown'] as const;
      await save(NOW, [
        ...open.map((status, at) => proposal(status, { status, startAtSeconds: 2_000 - at })),
        proposal('over', { status: 'passed' }),
      ]);
      expect(await word()).toEqual(open.flatMap((status) => [`${status} 1 null`, `${status} 2 null`]));
    });

    test('not known before the votes were read completely; who is seen voting has voted', async () => {
      await follow('a', voter(1));
      await follow('a', voter(2));
      await save(NOW, [proposal('p')]);
      expect(await word()).toEqual(['p 1 null', 'p 2 null']);
      await save(NOW, [proposal('p')], { p: [vote(1)] }, { isComplete: false });
      expect(await word()).toEqual(['p 1 true', 'p 2 null']);
      await save(NOW, [proposal('p')], { p: [vote(1)] });
      expect(await word()).toEqual(['p 1 true', 'p 2 false']);
    });

    test('an answer without votes, by mistake, makes nobody one who has not voted', async () => {
      await follow('a', voter(1));
      await save(NOW, [proposal('p')], { p: [vote(1), vote(2)] }, { isComplete: false });
      await follow('a', voter(3));
      await save(NOW + 1, [proposal('p')], { p: [] });
      expect(await word(NOW + 1)).toEqual(['p 1 true', 'p 3 null']);
      await save(NOW + 2, [proposal('q', { tally: [1n, 0n] })], { q: [] });
      expect(await word(NOW + 2)).toContain('q 3 null');
    });

    test('not known any longer when the votes are ten minutes older than their source, or two hours old', async () => {
      await follow('a', voter(1));
      await save(NOW, [proposal('p')], { p: [vote(2)] });
      await save(NOW + 10 * MINUTE, [proposal('p')]);
      expect(await word(NOW + 10 * MINUTE)).toEqual(['p 1 false']);
      await save(NOW + 10 * MINUTE + 1, [proposal('p')]);
      expect(await word(NOW + 10 * MINUTE + 1)).toEqual(['p 1 null']);
      // Another source is no witness; this one is not asked any more.
      await save(NOW + 20 * MINUTE, [proposal('p')], { p: [vote(2)] });
      await save(NOW + 60 * MINUTE, [], {}, { source: OTHER });
      expect(await word(NOW + 140 * MINUTE, await rig.open(url))).toEqual(['p 1 false']);
      expect(await word(NOW + 140 * MINUTE + 1, await rig.open(url))).toEqual(['p 1 null']);
    });

    test('a vote counts that is not among the heaviest thousand', async () => {
      const votes = Array.from({ length: 1_001 }, (_, at) => vote(at + 1, 0, { power: BigInt(at) }));
      await follow('a', voter(1));
      await save(NOW, [proposal('p')], { p: votes });
      expect([...(await facts()).votes.values()].flat().map(({ voter: who }) => who)).not.toContain(voter(1));
      expect(await word()).toEqual(['p 1 true']);
    });
  });

  test('from memory for ten seconds, until something is written', async () => {
    await save(NOW, [proposal('p')], { p: [vote(1)] });
    const first = await facts(NOW);
    await rig.query(url, `UPDATE "Proposal" SET "title" = 'other'`);
    expect(await facts(NOW + 10_000)).toBe(first);
    expect((await facts(NOW + 10_001)).proposals[0]?.title).toBe('other');
    const second = await facts(NOW + 10_001);
    await save(NOW, [], { p: [vote(2)] });
    expect(await facts(NOW + 10_001)).not.toBe(second);
    const list = { source: VALIDATORS, readings: [validator(1)], clockSeconds: 1, nowMs: NOW };
    await store.governance.saveValidators(list);
    expect((await facts(NOW + 10_001)).validators).toHaveLength(1);
  });

  test('votes in memory are those that are stored, whatever is written in between and meanwhile', async () => {
    const open = [proposal('p'), proposal('q', { startAtSeconds: 999 })];
    await save(NOW, open, { p: [vote(1)], q: [vote(1)] });
    const steps: Parameters<typeof save>[] = [
      [NOW + 1, open, { p: [vote(2, 0, { power: 5n })] }],
      [NOW + 2, open, { q: [vote(1, 2)] }],
      [NOW + 3, open],
      [NOW + 4, [proposal('q', { status: 'passed' })], { q: [vote(3)] }],
      [NOW + 5, [proposal('r', LATE)], { r: [vote(4)], p: [vote(1, 1)] }],
    ];
    for (const step of steps) {
      const meanwhile = facts(step[0]);
      await Promise.all([save(...step), meanwhile]);
      expect(await facts(step[0])).toEqual(await facts(step[0], await rig.open(url)));
    }
    expect([...(await facts(NOW + 5)).votes.values()].flat()).toHaveLength(5);
    // What fails half-way leaves nothing behind.
    await rig.query(url, 'ALTER TABLE "Meta" RENAME TO "Away"');
    await expect(save(NOW + 6, open, { p: [vote(9)] })).rejects.toThrow();
    await rig.query(url, 'ALTER TABLE "Away" RENAME TO "Meta"');
    expect([...(await facts(NOW + 6)).votes.values()].flat()).toHaveLength(5);
  });

  test('a vote that is written while votes are being read is not missing afterwards, whenever it comes', async () => {
    const open = Array.from({ length: 50 }, (_, at) => proposal(`p${at}`, { startAtSeconds: 2_000 - at }));
    await save(NOW, open, Object.fromEntries(open.map(({ ref }) => [ref, [vote(1)]])));
    for (let wait = 0; wait < 25; wait += 1) {
      const of = await rig.open(url);
      const reading = of.governance.facts(NOW);
      for (let turns = 0; turns < wait; turns += 1) await turn();
      const votes = new Map([['p0', { votes: [vote(2 + wait)], isComplete: false }]]);
      await of.governance.saveProposals({ source: SOURCE, readings: [], votes, clockSeconds: 1, nowMs: NOW });
      await reading;
      const { proposals, votes: found } = await facts(NOW, of);
      expect(found.get(proposals[0]?.id ?? 0)).toHaveLength(2 + wait);
    }
  }, 60_000);
});
