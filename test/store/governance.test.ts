import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ProposalReading, ProposalStatus, VoteReading } from '../../src/lib/governanceFacts.ts';
import type { StoredProposal } from '../../src/store/governanceRepository.ts';
import type { Store } from '../../src/store/store.ts';
import { type DatabaseRig, DIALECTS, startDatabases } from '../rigs/store.ts';
import { NO_VOTES, OTHER, proposal, SOURCE, terms, vote, voter } from './governanceSample.ts';

type Votes = Record<string, { votes: VoteReading[]; isComplete?: boolean }>;

describe.each(DIALECTS)('proposals and votes on %s', (dialect) => {
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

  /** A reading at that second, by the source's clock and, in milliseconds, by this bot's. */
  const save = (atSeconds: number, readings: ProposalReading[], votes: Votes = {}, source = SOURCE) =>
    store.governance.saveProposals({
      ...{ source, readings, clockSeconds: atSeconds, nowMs: atSeconds * 1000 },
      votes: new Map(
        Object.entries(votes).map(([ref, said]) => [ref, { votes: said.votes, isComplete: said.isComplete ?? true }]),
      ),
    });
  const find = async (ref: string, source = SOURCE): Promise<StoredProposal> => {
    const found = await store.governance.findProposal([source], ref);
    if (found === null) throw new Error(`no proposal ${ref}`);
    return found;
  };
  const votesOf = async (ref: string) => store.governance.votes((await find(ref)).id, 100);

  describe('what is news', () => {
    test('the first reading of a source is not, what opens later is, whatever other sources said', async () => {
      await save(2_000, [proposal('1')]);
      await save(2_100, [proposal('1'), proposal('2', { submittedAtSeconds: 2_050 })]);
      await save(2_200, [proposal('1')], {}, OTHER);
      expect((await find('1')).atFirst).toBe(true);
      expect(await find('2')).toMatchObject({ atFirst: false, firstSeenAtMs: 2_100_000, lastReadAtMs: 2_100_000 });
      expect((await find('1', OTHER)).atFirst).toBe(true);
    });

    test('what was opened before the first reading was there, though it was named later', async () => {
      await save(2_000, []);
      await save(2_100, [
        proposal('old', { submittedAtSeconds: 1_999 }),
        proposal('new', { submittedAtSeconds: 2_000 }),
      ]);
      await save(2_200, [
        proposal('started', { submittedAtSeconds: null, startAtSeconds: 1_999 }),
        proposal('begun', { submittedAtSeconds: null, startAtSeconds: 2_150 }),
      ]);
      const atFirst = async (ref: string) => (await find(ref)).atFirst;
      expect([await atFirst('old'), await atFirst('new')]).toEqual([true, false]);
      expect([await atFirst('started'), await atFirst('begun')]).toEqual([true, false]);
    });

    test('a first answer that is empty by mistake does not make news of what came before; a second empty one is believed', async () => {
      const undated = (ref: string) => proposal(ref, { submittedAtSeconds: null, startAtSeconds: null });
      await save(2_000, []);
      await save(2_100, [undated('1')]);
      await save(2_200, [undated('2')]);
      expect([(await find('1')).atFirst, (await find('2')).atFirst]).toEqual([true, false]);
      await save(2_000, [], {}, OTHER);
      await save(2_100, [], {}, OTHER);
      await save(2_200, [undated('3')], {}, OTHER);
      expect((await find('3', OTHER)).atFirst).toBe(false);
    });
  });

  test('what is not named stays as it was', async () => {
    await save(2_000, [proposal('1'), proposal('2')], { 1: { votes: [vote(1)] } });
    const before = await find('1');
    await save(2_100, [proposal('2')]);
    await save(2_200, []);
    expect(await find('1')).toEqual(before);
    expect(await votesOf('1')).toHaveLength(1);
    expect((await find('2')).lastReadAtMs).toBe(2_100_000);
  });

  test('an id that is named twice is one proposal, as it was named last', async () => {
    await save(2_000, [proposal('1', { title: 'one' }), proposal('1', { title: 'two' })]);
    const { rows, total } = await store.governance.proposals({ sources: [], statuses: [], limit: 10, offset: 0 });
    expect([rows.map(({ title }) => title), total]).toEqual([['two'], 1]);
  });

  test('a number that another proposal has now (a chain that was reset) takes nothing over from the old one', async () => {
    await save(2_000, [proposal('1', { status: 'passed' })], { '1': { votes: [vote(1), vote(2)] } });
    await save(3_000, [proposal('1', { title: 'Anew', submittedAtSeconds: 2_500, startAtSeconds: 2_600 })], {
      '1': { votes: [vote(3)] },
    });
    expect(await find('1')).toMatchObject({
      ...{ title: 'Anew', status: 'voting', atFirst: false, firstSeenAtMs: 3_000_000 },
      ...{ previousEndAtSeconds: null, closedAtMs: null },
    });
    expect((await votesOf('1')).map((one) => one.voter)).toEqual([voter(3)]);
  });

  test('a changed end keeps the previous one; an answer without an end changes nothing', async () => {
    await save(2_000, [proposal('1', { endAtSeconds: null })]);
    await save(2_050, [proposal('1', { endAtSeconds: 9_000 })]);
    expect(await find('1')).toMatchObject({ endAtSeconds: 9_000, previousEndAtSeconds: null, endChangedAtMs: null });
    await save(2_100, [proposal('1', { endAtSeconds: 9_500 })]);
    const changed = { endAtSeconds: 9_500, previousEndAtSeconds: 9_000, endChangedAtMs: 2_100_000 };
    expect(await find('1')).toMatchObject(changed);
    await save(2_200, [proposal('1', { endAtSeconds: 9_500 })]);
    await save(2_300, [proposal('1', { endAtSeconds: null })]);
    expect(await find('1')).toMatchObject(changed);
    await save(2_400, [proposal('1', { endAtSeconds: 8_000 })]);
    expect(await find('1')).toMatchObject({ previousEndAtSeconds: 9_500, endChangedAtMs: 2_400_000 });
  });

  describe('status', () => {
    const say = (atSeconds: number, status: ProposalStatus, more: Partial<ProposalReading> = {}) =>
      save(atSeconds, [proposal('1', { status, ...more })]);

    test('goes its way, each step with its moment; closed at its end by the clock of the source', async () => {
      await say(2_000, 'pending');
      await say(3_000, 'voting');
      await say(4_000, 'voting');
      expect(await find('1')).toMatchObject({ status: 'voting', statusAtMs: 3_000_000, closedAtMs: null });
      await say(9_100, 'passed');
      const closed = { closedAtMs: 9_100_000, closedAtSeconds: 9_000 };
      expect(await find('1')).toMatchObject({ status: 'passed', statusAtMs: 9_100_000, ...closed });
      await say(9_200, 'executed');
      expect(await find('1')).toMatchObject({ status: 'executed', statusAtMs: 9_200_000, ...closed });
    });

    test('canceled before its end: closed when that was seen; closed at first: at its end where that is over', async () => {
      await say(2_000, 'voting');
      await say(3_000, 'canceled');
      expect(await find('1')).toMatchObject({ closedAtMs: 3_000_000, closedAtSeconds: 3_000 });
      await save(3_000, [
        proposal('2', { status: 'passed', endAtSeconds: 2_500 }),
        proposal('3', { status: 'canceled', endAtSeconds: 3_500 }),
        proposal('4', { status: 'rejected', endAtSeconds: null }),
      ]);
      const seconds = await Promise.all(['2', '3', '4'].map(async (ref) => (await find(ref)).closedAtSeconds));
      expect(seconds).toEqual([2_500, null, null]);
    });

    test('a stale answer does nothing; the second in a row opens it again', async () => {
      await save(2_000, [proposal('1')], { 1: { votes: [vote(1)] } });
      await save(9_100, [proposal('1', { status: 'rejected', title: 'Over', tally: [5n, 0n, 0n, 0n] })]);
      const closed = await find('1');
      const staleVotes = { 1: { votes: [vote(1, 2), vote(2)] } };
      await save(9_200, [proposal('1', { endAtSeconds: 8_000 })], staleVotes);
      expect(await find('1')).toEqual({ ...closed, lastReadAtMs: 9_200_000 });
      expect(await votesOf('1')).toMatchObject([{ choices: [{ choice: 0, weight: '1' }], changedAtMs: null }]);
      // One that is right between two that are not.
      await say(9_300, 'rejected', { title: 'Over', tally: null });
      await say(9_400, 'voting');
      expect(await find('1')).toMatchObject({ status: 'rejected', title: 'Over', closedAtMs: 9_100_000 });
      // What does not name it is no answer about it, and the same moment is no second reading.
      await save(9_500, []);
      await say(9_400, 'voting');
      expect((await find('1')).status).toBe('rejected');
      await say(9_600, 'voting', { endAtSeconds: 12_000 });
      expect(await find('1')).toMatchObject({
        ...{ status: 'voting', statusAtMs: 9_600_000, closedAtMs: null, closedAtSeconds: null },
        ...{ endAtSeconds: 12_000, previousEndAtSeconds: 9_000 },
      });
      await say(12_100, 'passed', { endAtSeconds: 12_000 });
      expect(await find('1')).toMatchObject({ closedAtMs: 12_100_000, closedAtSeconds: 12_000 });
    });

    test('a vote does not go back to before it for one answer, and an answer without a status changes none', async () => {
      await say(2_000, 'voting');
      await say(2_100, 'deposit');
      await say(2_200, 'unknown', { title: 'New title' });
      expect(await find('1')).toMatchObject({ status: 'voting', statusAtMs: 2_000_000, title: 'New title' });
      await say(9_100, 'passed');
      await say(9_200, 'unknown');
      await say(9_300, 'unknown');
      expect(await find('1')).toMatchObject({ status: 'passed', closedAtMs: 9_100_000 });
    });
  });

  test('neither an answer without a tally erases one, nor the zeros of what is closed', async () => {
    const tallies: unknown[] = [];
    const say = async (at: number, more: Partial<ProposalReading>) => {
      await save(at, [proposal('1', more)]);
      tallies.push((await find('1')).tally);
    };
    const zeros = [0n, 0n];
    await say(2_000, { tally: null });
    await say(2_100, { tally: [3n, 1n] });
    await say(2_200, { tally: null });
    await say(2_300, { tally: zeros });
    await say(2_400, { tally: [3n, 2n] });
    await say(9_100, { tally: zeros, status: 'passed' });
    await say(9_200, { tally: [4n, 2n], status: 'passed' });
    await say(9_300, { tally: null, status: 'passed' });
    await say(9_400, { tally: zeros, status: 'passed' });
    const [three, four] = [
      [3n, 2n],
      [4n, 2n],
    ];
    expect(tallies).toEqual([null, [3n, 1n], [3n, 1n], zeros, three, three, four, four, four]);
    // Nobody voted: that is known then.
    await save(9_400, [proposal('2', { tally: zeros, status: 'rejected' })]);
    expect((await find('2')).tally).toEqual(zeros);
  });

  test('what could vote stays as it was known last before the close', async () => {
    await save(2_000, [proposal('1', { terms: terms({ eligible: 40n, quorum: 14n }), votesCount: 3 })]);
    await save(2_100, [proposal('1', { terms: terms({ eligible: null, quorum: null, eligibleWords: 'unknown' }) })]);
    const known = { terms: { eligible: 40n, quorum: 14n, eligibleWords: 'bonded power' }, votesCount: 3 };
    expect(await find('1')).toMatchObject(known);
    await save(2_200, [proposal('1', { terms: terms({ eligible: 41n, quorum: 15n }) })]);
    await save(9_100, [proposal('1', { status: 'passed', terms: terms({ eligible: 99n, quorum: 33n }) })]);
    expect(await find('1')).toMatchObject({ terms: { eligible: 41n, quorum: 15n } });
  });

  describe('votes', () => {
    test('are added and changed, never removed', async () => {
      await save(2_000, [proposal('1')], { 1: { votes: [vote(1), vote(2)] } });
      await save(2_100, [], { 1: { votes: [vote(1, 2), vote(3)], isComplete: false } });
      await save(2_200, [], { 1: { votes: [] } });
      const said = (await votesOf('1')).map(({ voter: who, choices, firstSeenAtMs, changedAtMs }) => ({
        ...{ who, choice: choices[0]?.choice, firstSeenAtMs, changedAtMs },
      }));
      expect(said).toEqual([
        { who: voter(1), choice: 2, firstSeenAtMs: 2_000_000, changedAtMs: 2_100_000 },
        { who: voter(2), choice: 0, firstSeenAtMs: 2_000_000, changedAtMs: null },
        { who: voter(3), choice: 0, firstSeenAtMs: 2_100_000, changedAtMs: null },
      ]);
      expect((await find('1')).storedVotes).toBe(3);
    });

    test('an id that is seen twice is one vote, the last; addresses have no case', async () => {
      const mixed = vote(0xab, 1, { voter: voter(0xab).toUpperCase().replace('0X', '0x') });
      await save(2_000, [proposal('1')], { 1: { votes: [vote(0xab, 0), mixed] } });
      expect(await votesOf('1')).toMatchObject([{ voter: voter(0xab), choices: [{ choice: 1 }] }]);
    });

    test('power is not a change of mind; what is not said of a vote stays; an older word is not taken', async () => {
      await save(2_000, [proposal('1')], { 1: { votes: [vote(1, 0, { power: 5n, castAtSeconds: 1_500 })] } });
      await save(2_100, [], { 1: { votes: [vote(1, 0, { power: 7n, castAtSeconds: 1_500 })] } });
      await save(2_200, [], { 1: { votes: [vote(1, 0, { power: null, castAtSeconds: null })] } });
      const known = { power: 7n, castAtSeconds: 1_500, changedAtMs: null };
      expect(await votesOf('1')).toMatchObject([known]);
      await save(2_300, [], { 1: { votes: [vote(1, 2, { power: 9n, castAtSeconds: 1_499 })] } });
      expect(await votesOf('1')).toMatchObject([{ ...known, choices: [{ choice: 0 }] }]);
      await save(2_400, [], { 1: { votes: [vote(1, 2, { power: 9n, castAtSeconds: 1_501 })] } });
      expect(await votesOf('1')).toMatchObject([{ power: 9n, castAtSeconds: 1_501, changedAtMs: 2_400_000 }]);
    });

    test('were read when all of them were; none at all are no answer where there are some', async () => {
      const readAt = async (ref: string) => (await find(ref)).votesReadAtMs;
      await save(2_000, [proposal('1')], { 1: { votes: [vote(1)], isComplete: false } });
      expect(await readAt('1')).toBe(null);
      await save(2_100, [], { 1: { votes: [] } });
      expect(await readAt('1')).toBe(null);
      await save(2_200, [], { 1: { votes: [vote(1)] } });
      await save(2_300, [], { 1: { votes: [] } });
      await save(2_400, [], { 1: { votes: [vote(2)], isComplete: false } });
      expect(await readAt('1')).toBe(2_200_000);
      // Nobody has voted, and nothing says otherwise; a tally or a count does.
      const votes = Object.fromEntries(['2', '3', '4', '5'].map((ref) => [ref, { votes: [] }]));
      const tally = [0n, 1n];
      await save(
        2_500,
        [proposal('2'), proposal('3', { tally: null }), proposal('4', { tally }), proposal('5', { votesCount: 1 })],
        votes,
      );
      const at = await Promise.all(['2', '3', '4', '5'].map(readAt));
      expect(at).toEqual([2_500_000, 2_500_000, null, null]);
      expect((await find('2')).storedVotes).toBe(0);
    });

    test('are no news until those of a proposal that was there at first were read completely once', async () => {
      await save(2_000, [proposal('1'), proposal('2')], { 1: { votes: [vote(1)], isComplete: false } });
      await save(2_100, [proposal('3', { submittedAtSeconds: 2_050 })], {
        ...{ 1: { votes: [vote(1), vote(2)] }, 2: { votes: [] }, 3: { votes: [vote(1)] } },
      });
      await save(2_200, [], { 1: { votes: [vote(1, 1), vote(2), vote(3)] }, 2: { votes: [vote(1)] } });
      const atFirst = async (ref: string) => (await votesOf(ref)).map((each) => each.atFirst);
      expect(await atFirst('1')).toEqual([true, true, false]);
      expect(await atFirst('2')).toEqual([false]);
      expect(await atFirst('3')).toEqual([false]);
    });

    test('on a proposal that is not known are left out', async () => {
      await save(2_000, [proposal('1')], { 2: { votes: [vote(1)] } });
      expect(await rig.query(url, 'SELECT * FROM "Vote"')).toEqual([]);
    });

    test('that are the same again are not written', async () => {
      const votes = Array.from({ length: 2_000 }, (_, at) => vote(at + 1, at % 3, { power: BigInt(at) }));
      await save(2_000, [proposal('1')], { 1: { votes } });
      await forbidWrites(rig, url);
      await save(2_100, [proposal('1')], { 1: { votes } });
      expect((await find('1')).votesReadAtMs).toBe(2_100_000);
      const one = votes.with(1_234, vote(1_235, 3));
      await expect(save(2_200, [proposal('1')], { 1: { votes: one } })).rejects.toThrow(/written/);
      // A reading that cannot be kept in full is not kept in part.
      expect((await find('1')).lastReadAtMs).toBe(2_100_000);
    });

    test('are ordered by their power as numbers, unknown ones last, the oldest of equals first', async () => {
      const powers = [9n, 10n, null, 100n, 10n ** 30n, 0n, 99n, 10n, null];
      const votes = powers.map((power, at) => vote(at + 1, 0, { power, castAtSeconds: 1_900 - at }));
      await save(2_000, [proposal('1')], { 1: { votes } });
      const { id } = await find('1');
      const all = await store.governance.votes(id, 100);
      expect(all.map(({ power }) => power)).toEqual([10n ** 30n, 100n, 99n, 10n, 10n, 9n, 0n, null, null]);
      expect(all.map(({ castAtSeconds }) => 1_900 - (castAtSeconds ?? 0))).toEqual([4, 3, 6, 7, 1, 0, 5, 8, 2]);
      expect(await store.governance.votes(id, 4)).toEqual(all.slice(0, 4));
    });
  });

  describe('questions', () => {
    const HASH = `0x${'ab12'.repeat(16)}`;
    beforeEach(async () => {
      await save(20_000, [
        proposal('1', { startAtSeconds: 1_000, status: 'passed' }),
        proposal('2', { startAtSeconds: null, submittedAtSeconds: 3_000, status: 'rejected', endAtSeconds: 12_000 }),
        proposal('3', { startAtSeconds: null, submittedAtSeconds: null, endAtSeconds: null }),
      ]);
      const other = { status: 'closed', startAtSeconds: 2_000 } as const;
      await save(20_000, [proposal(HASH, other), proposal('2', { startAtSeconds: 500 })], {}, OTHER);
      await save(20_000, [proposal('0xab9955'.padEnd(66, '0'), other)], {}, 'x.snapshot');
      await save(20_000, [proposal('0xab9955'.padEnd(66, '1'), other)], {}, 'x.snapshot');
    });

    test('a page of them, the newest first, of some sources and statuses', async () => {
      const page = async (sources: string[], statuses: ProposalStatus[], limit = 10, offset = 0) => {
        const { rows, total } = await store.governance.proposals({ sources, statuses, limit, offset });
        return [rows.map(({ ref }) => ref.slice(0, 6)), total];
      };
      expect(await page([SOURCE], [])).toEqual([['3', '2', '1'], 3]);
      expect(await page([SOURCE, OTHER], [])).toEqual([['3', '2', '0xab12', '1', '2'], 5]);
      expect((await page([], []))[1]).toBe(7);
      expect(await page([SOURCE, OTHER], [], 2, 1)).toEqual([['2', '0xab12'], 5]);
      expect(await page([SOURCE, OTHER], ['passed', 'closed'])).toEqual([['0xab12', '1'], 2]);
      expect(await page(['nothing.here'], [])).toEqual([[], 0]);
    });

    test('one by its ref in the first source that has it, or by the beginning of a long one', async () => {
      const found = async (sources: string[], ref: string) => {
        const one = await store.governance.findProposal(sources, ref);
        return one === null ? null : `${one.source} ${one.ref.slice(0, 6)}`;
      };
      expect(await found([SOURCE, OTHER], '2')).toBe(`${SOURCE} 2`);
      expect(await found([OTHER, SOURCE], '2')).toBe(`${OTHER} 2`);
      expect(await found([OTHER, SOURCE], '3')).toBe(`${SOURCE} 3`);
      expect(await found([SOURCE, OTHER], HASH.slice(0, 8))).toBe(`${OTHER} 0xab12`);
      expect(await found([SOURCE, OTHER], HASH.slice(0, 20).toUpperCase())).toBe(`${OTHER} 0xab12`);
      expect(await found([SOURCE, OTHER], HASH)).toBe(`${OTHER} 0xab12`);
      // Too short, a pattern, another source, none, or the beginning of two.
      const nothing = [HASH.slice(0, 7), '0xab____', '0xab%', `${HASH}0`, '', 'none\u0000'];
      for (const ref of nothing) expect(await found([SOURCE, OTHER], ref), ref).toBe(null);
      expect(await found([SOURCE], HASH)).toBe(null);
      expect(await found([], '2')).toBe(null);
      expect(await found(['x.snapshot'], '0xab99550')).toBe('x.snapshot 0xab99');
      expect(await found(['x.snapshot'], '0xab9955')).toBe(null);
    });

    test('by id, in their order, repeats once', async () => {
      const ids = await Promise.all(['1', '3'].map(async (ref) => (await find(ref)).id));
      const found = await store.governance.byIds([...ids, ...ids, 999_999]);
      expect(found.map(({ ref }) => ref)).toEqual(['3', '1']);
      expect(await store.governance.byIds([])).toEqual([]);
    });

    test('what one voter voted, the newest proposal first', async () => {
      await save(20_100, [], { 1: { votes: [vote(0xab)] }, 2: { votes: [vote(0xab, 2), vote(2)] }, 3: { votes: [] } });
      await save(20_100, [], { 2: { votes: [vote(0xab, 1)] } }, OTHER);
      const said = async (sources: string[], limit = 10) => {
        const found = await store.governance.votesOf(voter(0xab).toUpperCase().replace('0X', '0x'), sources, limit);
        return found.map(({ vote: { choices, proposalId }, proposal: { id, source, ref } }) => {
          expect(proposalId).toBe(id);
          return `${source} ${ref}: ${choices[0]?.choice}`;
        });
      };
      expect(await said([SOURCE, OTHER])).toEqual([`${SOURCE} 2: 2`, `${SOURCE} 1: 0`, `${OTHER} 2: 1`]);
      expect(await said([SOURCE, OTHER], 1)).toEqual([`${SOURCE} 2: 2`]);
      expect(await said([OTHER])).toEqual([`${OTHER} 2: 1`]);
      expect(await said([])).toEqual([]);
    });

    test('all votes of a proposal, a page at a time; a write of votes is a new version of them', async () => {
      const votes = Array.from({ length: 7 }, (_, at) => vote(at + 1));
      const write = (ref: string, some: typeof votes) =>
        store.governance.saveProposals({
          ...{ source: SOURCE, readings: [proposal(ref)], clockSeconds: 5, nowMs: 5_000 },
          votes: new Map([[ref, { votes: some, isComplete: true }]]),
        });
      await write('paged', votes);
      await write('other', votes);
      const id = (await store.governance.findProposal([SOURCE], 'paged'))?.id ?? 0;
      const pages: string[][] = [];
      for (let after: string | undefined = ''; after !== undefined; ) {
        const page: string[] = (await store.governance.votePage(id, after, 3)).map(({ voter: who }) => who);
        pages.push(page);
        after = page.at(-1);
      }
      expect(pages.map(({ length }) => length)).toEqual([3, 3, 1, 0]);
      expect(pages.flat()).toEqual(votes.map(({ voter: who }) => who));
      const version = store.governance.votesVersion();
      await write('paged', votes);
      expect(store.governance.votesVersion()).toBe(version);
      await write('paged', [vote(1, 2)]);
      expect(store.governance.votesVersion()).toBeGreaterThan(version);
    });

    test('closed ones since an end, with all their votes', async () => {
      await save(20_100, [], { 1: { votes: [vote(1), vote(2, 0, { power: 2n * 10n ** 18n })] } });
      const since = async (fromSeconds: number, limit = 10) =>
        (await store.governance.closedSince([SOURCE], fromSeconds, limit)).map(
          ({ proposal: { ref }, votes }) => `${ref}: ${votes.map((each) => Number(each.voter))}`,
        );
      expect(await since(9_000)).toEqual(['2: ', '1: 2,1']);
      expect(await since(9_001)).toEqual(['2: ']);
      expect(await since(12_001)).toEqual([]);
      expect(await since(0, 1)).toEqual(['2: ']);
      expect(await store.governance.closedSince([], 0, 10)).toEqual([]);
    });

    test('when each source was read, also when it named nothing', async () => {
      const before = await store.governance.read();
      expect(before.map(({ source }) => source)).toEqual([OTHER, SOURCE, 'x.snapshot']);
      await store.governance.saveProposals({
        ...{ source: SOURCE, readings: [], votes: NO_VOTES, clockSeconds: 20_500, nowMs: 77 },
      });
      expect((await store.governance.read())[1]).toEqual({ source: SOURCE, readAtMs: 77, clockSeconds: 20_500 });
    });
  });
});

/** From now on no vote can be written. */
async function forbidWrites(rig: DatabaseRig, url: string): Promise<void> {
  for (const kind of ['INSERT', 'UPDATE']) {
    if (rig.dialect === 'sqlite') {
      const body = `SELECT RAISE(ABORT, 'written');`;
      await rig.query(url, `CREATE TRIGGER "no${kind}" BEFORE ${kind} ON "Vote" BEGIN ${body} END`);
      continue;
    }
    const body = `BEGIN RAISE EXCEPTION 'written'; END`;
    await rig.query(url, `CREATE FUNCTION "no${kind}"() RETURNS trigger LANGUAGE plpgsql AS $$ ${body} $$`);
    await rig.query(
      url,
      `CREATE TRIGGER "no${kind}" BEFORE ${kind} ON "Vote" FOR EACH ROW EXECUTE FUNCTION "no${kind}"()`,
    );
  }
}
