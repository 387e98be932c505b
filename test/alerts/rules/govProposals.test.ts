import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { govLargeVote } from '../../../src/alerts/rules/govLargeVote.ts';
import { govProposal } from '../../../src/alerts/rules/govProposal.ts';
import { govQuorum } from '../../../src/alerts/rules/govQuorum.ts';
import { govResult } from '../../../src/alerts/rules/govResult.ts';
import { defaultGovThresholds } from '../../../src/insight/govThresholds.ts';
import type { StoredProposal, StoredVote } from '../../../src/store/governanceRepository.ts';
import { HOSTILE } from '../facts.ts';
import {
  atMs,
  briefly,
  clockAt,
  DAY,
  type GovMoment,
  gaugesAt,
  HOUR,
  minted,
  playGov,
  proposal,
  SOURCES,
  SPACE,
  vote,
  voted,
} from '../govFacts.ts';

const END = 3 * DAY - HOUR;
const at = (moment: number, more: Partial<StoredProposal> = {}, votes: StoredVote[] = []): GovMoment => ({
  at: moment,
  proposals: [proposal({ storedVotes: votes.length, ...more })],
  votes,
});

describe('a new proposal', () => {
  const rules = [govProposal(SOURCES)];

  test('is told once, through restarts and an empty answer, and forgotten after a day without a word', () => {
    const played = playGov(rules, [
      at(0),
      { at: 10 },
      at(20),
      { at: 25, read: false },
      at(HOUR),
      at(DAY),
      at(DAY + 60),
    ]);
    expect(briefly(played)).toEqual(['0 gov.proposal fired New proposal: #12 Raise the block gas limit']);
    expect(played.told[0]?.text).toContain('OpenGradient has a new proposal: voting runs to');
    expect(played.open).toEqual([]);
  });

  test('of a number that a chain had before it was reset is told too, once', () => {
    const other = proposal({ title: 'Begin anew', firstSeenAtMs: atMs(600) });
    const played = playGov(rules, [at(0), { at: 610, proposals: [other] }, { at: 900, proposals: [other] }]);
    expect(briefly(played)).toEqual([
      '0 gov.proposal fired New proposal: #12 Raise the block gas limit',
      '610 gov.proposal fired New proposal: #12 Begin anew',
    ]);
  });

  test('that was there at first, or is over when it is first seen, is none', () => {
    expect(playGov(rules, [at(0, { atFirst: true })]).told).toEqual([]);
    expect(playGov(rules, [at(0, { status: 'passed', closedAtMs: atMs(0) })]).told).toEqual([]);
  });

  test('of which there are very many are told as one after the first ten of an hour, whatever ages first', () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      proposal({ id: index, ref: String(index), source: SPACE, title: HOSTILE, firstSeenAtMs: atMs(index * 60) }),
    );
    const moments = Array.from({ length: 60 }, (_, index) => ({ at: 2_400 + index * 1_800, proposals: many }));
    const played = playGov(rules, moments);
    expect(played.told).toHaveLength(11);
    expect(played.told.at(-1)).toMatchObject({ title: 'Many proposals: Bedrock', at: 2_400 });
    expect(played.told.at(-1)?.text).toContain('30 more proposals within an hour');
    expect(played.open).toEqual([]);
  });
});

test('new proposals that were told as one are not told again when earlier ones of their hour are over', () => {
  const many = (closed: number) =>
    Array.from({ length: 14 }, (_, index) =>
      proposal({
        ...{ id: index, ref: `0x${index.toString(16).padStart(64, '0')}`, source: SPACE, firstSeenAtMs: atMs(index) },
        ...(index < closed ? { status: 'canceled' as const, closedAtMs: atMs(100 + index) } : {}),
      }),
    );
  const played = playGov(
    [govProposal(SOURCES)],
    [0, 1, 5, 9].map((closed) => ({ at: 60 + closed * 60, proposals: many(closed) })),
  );
  expect(played.told).toHaveLength(11);
});

describe('a result', () => {
  const rules = [govResult(SOURCES)];
  const passed = { status: 'passed', tally: [60n, 0n, 20n, 0n], closedAtMs: atMs(END), closedAtSeconds: clockAt(END) };
  const closed = (more: Partial<StoredProposal> = {}) => ({ ...passed, ...more }) as Partial<StoredProposal>;

  test('is told once with turnout and how few made it; its execution is no other one', () => {
    const votes = [vote(1, 35n, 60), vote(2, 25n, 60), vote(3, 20n, 60, { choices: [{ choice: 2, weight: '1' }] })];
    const played = playGov(rules, [
      at(END - 60, {}, votes),
      at(END + 1, closed(), votes),
      { at: END + 2 },
      // Pruned by the source; the store keeps them, and says so itself.
      at(END + 3, closed()),
      at(END + HOUR, closed({ status: 'executed' }), votes),
      at(END + DAY, closed({ status: 'executed' }), votes),
      { at: END + 2 * DAY },
    ]);
    expect(briefly(played)).toEqual([`${END + 1} gov.result fired Result, passed: #12 Raise the block gas limit`]);
    expect(played.told[0]?.text).toContain('Passed with 75 % yes');
    expect(played.told[0]?.text).toContain('Turnout 80 % of bonded power, quorum of 40 % reached.');
    // 35 changing sides leave 25 of 80, which is no majority.
    expect(played.told[0]?.text).toContain('By 1 vote it would have been other');
    expect(played.told[0]?.text).toContain('The heaviest voter cast 43.7 % of the power.');
    expect(played.open).toEqual([]);
  });

  test.each([
    [{ status: 'rejected', tally: [10n, 0n, 5n, 0n] }, 'Result, failed for lack of quorum'],
    [{ status: 'rejected', tally: [30n, 0n, 0n, 30n] }, 'Result, vetoed'],
    [{ status: 'rejected', tally: [20n, 0n, 40n, 0n] }, 'Result, rejected'],
    [{ status: 'failed' }, 'Result, passed, and failed to execute'],
    [{ status: 'canceled' }, 'Result, canceled'],
    [{ status: 'closed', tally: null }, 'Result, voting over'],
  ] as const)('%o: %s', (more, title) => {
    const { told } = playGov(rules, [at(END + 1, closed(more as Partial<StoredProposal>))]);
    expect(told.map((one) => one.title)).toEqual([`${title}: #12 Raise the block gas limit`]);
  });

  test('of proposals that were over before the bot looked, or were listed late, are history', () => {
    const old = { closedAtMs: atMs(0), firstSeenAtMs: atMs(0), closedAtSeconds: clockAt(-9 * DAY) };
    expect(playGov(rules, [at(10, closed({ ...old, atFirst: true, closedAtSeconds: clockAt(0) }))]).told).toEqual([]);
    expect(playGov(rules, [at(10, closed(old))]).told).toEqual([]);
    expect(playGov(rules, [at(10, closed({ ...old, closedAtSeconds: clockAt(-HOUR) }))]).told).toHaveLength(1);
    // Open at first, closed later: that is news.
    expect(playGov(rules, [at(0, { atFirst: true }), at(END + 1, closed({ atFirst: true }))]).told).toHaveLength(1);
  });
});

describe('a quorum at risk', () => {
  const rules = [govQuorum(defaultGovThresholds, SOURCES)];
  // A quarter of three days is less than a day.
  const near = END - 18 * HOUR;
  const few = { tally: [30n, 0n, 0n, 0n] };
  const enough = { tally: [30n, 0n, 10n, 0n] };

  test('is told near the end, and that it is reached', () => {
    const played = playGov(rules, [
      at(0, few),
      at(near - 60, few),
      at(near, few),
      at(near + 60, few),
      at(near + 90, enough),
    ]);
    expect(briefly(played)).toEqual([
      `${near} gov.quorum fired Quorum at risk: #12 Raise the block gas limit`,
      `${near + 90} gov.quorum resolved Quorum reached: #12 Raise the block gas limit`,
    ]);
  });

  test('facts that lack the proposal for a moment do not tell it again', () => {
    const played = playGov(rules, [at(near, few), { at: near + 10 }, at(near + 20, few), { at: END + 60 }]);
    expect(played.told).toHaveLength(1);
    expect(played.open).toEqual([]);
  });

  test('its end without one is told by the result alone', () => {
    const over = { ...few, status: 'rejected', closedAtMs: atMs(END) } as const;
    const played = playGov(rules, [at(near, few), at(END + 1, over), { at: END + 3 * DAY }]);
    expect(played.told).toHaveLength(1);
    expect(played.open).toEqual([]);
  });

  test('is not known without a tally, from a dark source, or of hidden votes: nothing changes', () => {
    const hidden = { tally: null };
    const dark = { states: { 'opengradient.governance': 'failing' } } as const;
    expect(playGov(rules, [at(near, hidden), { ...at(near + 10, few), ...dark }]).told).toEqual([]);
    const played = playGov(rules, [
      at(near, few),
      at(near + 10, hidden),
      { ...at(near + 20, few), ...dark },
      at(near + 30, few),
    ]);
    expect(played.told).toHaveLength(1);
  });

  test('a clock that goes back a little does not tell it again; without a quorum there is none', () => {
    const played = playGov(rules, [at(near, few), { ...at(near + 10, few), lag: 100 }, at(near + 20, few)]);
    expect(played.told).toHaveLength(1);
    const { terms } = proposal();
    expect(playGov(rules, [at(near, { ...few, terms: { ...terms, quorum: null } })]).told).toEqual([]);
  });

  test('one that was near its end when its network was first read is history', () => {
    expect(playGov(rules, [at(near, { ...few, atFirst: true, firstSeenAtMs: atMs(near) })]).told).toEqual([]);
  });
});

describe('a large vote', () => {
  const rules = [govLargeVote(defaultGovThresholds, SOURCES)];

  test('is one above a fifth of what could vote, told once with its share', () => {
    const votes = [vote(1, 20n, 60), vote(2, 21n, 60)];
    const now = { tally: [41n, 0n, 0n, 0n] };
    const moments = [at(70, now, votes), at(80, now), { at: 85 }, at(90, now, votes), at(2 * DAY, now, votes)];
    const played = playGov(rules, moments);
    expect(played.told.map(({ title }) => title)).toEqual(['Large vote: #12 Raise the block gas limit']);
    expect(played.told[0]?.text).toContain('One vote of 21 power, 21 % of bonded power, for yes.');
  });

  test('an old vote is not told because there is less that could vote by now', () => {
    const { terms } = proposal();
    const votes = [vote(1, 20n, 60)];
    const tally = [20n, 0n, 0n, 0n];
    const less = { tally, terms: { ...terms, eligible: (terms.eligible ?? 0n) / 2n } };
    expect(playGov(rules, [at(70, { tally }, votes), at(4_000, less, votes)]).told).toEqual([]);
    expect(playGov(rules, [at(70, { tally }, votes), at(3_000, less, votes)]).told).toHaveLength(1);
  });

  test('votes that were there at first are history', () => {
    const votes = [vote(1, 50n, 60, { atFirst: true })];
    expect(playGov(rules, [at(70, { tally: [50n, 0n, 0n, 0n] }, votes)]).told).toEqual([]);
  });

  test('where what could vote is not known, it is measured by what was cast, and of few votes none is large', () => {
    const { terms } = proposal();
    const unknown = { terms: { ...terms, eligible: null, quorum: null }, tally: [70n, 0n, 0n, 0n] };
    const votes = [vote(1, 30n, 60), ...[2, 3, 4, 5].map((voter) => vote(voter, 10n, 60))];
    expect(playGov(rules, [at(70, { ...unknown, tally: [60n, 0n, 0n, 0n] }, votes.slice(0, 4))]).told).toEqual([]);
    const { told } = playGov(rules, [at(70, unknown, votes)]);
    expect(told.map(({ text }) => text.includes('42.8 % of what was cast'))).toEqual([true]);
  });

  test('a small vote that turns the outcome is told with what it was turned into', () => {
    const votes = [vote(1, 18n, 10), vote(2, 19n, 20), vote(3, 5n, 30), vote(4, 6n, 3_000)];
    const no = [{ choice: 2, weight: '1' }];
    const cast = votes.map((one, index) => (index % 2 === 1 ? { ...one, choices: no } : one));
    const before = playGov(rules, [at(40, { tally: [23n, 0n, 19n, 0n] }, cast.slice(0, 3))]);
    // Forty were needed: the third brought the quorum.
    expect(before.told.map(({ title, text }) => [title, text.slice(0, 47)])).toEqual([
      ['A vote turned the outcome: #12 Raise the block gas limit', 'One vote turned the outcome: now it passes, for'],
    ]);
    const after = playGov(rules, [at(3_010, { tally: [23n, 0n, 25n, 0n] }, cast)], before.open);
    expect(after.told.map(({ text }) => text.includes('now it is rejected, for no'))).toEqual([true]);
    // Looked at again, by a bot that was restarted, hours later: nothing new.
    expect(
      playGov(
        rules,
        [at(4_000, { tally: [23n, 0n, 25n, 0n] }, cast), at(DAY / 2, { tally: [23n, 0n, 25n, 0n] }, cast)],
        after.open,
      ).told,
    ).toEqual([]);
  });

  test('votes without power do not hide which one turned it', () => {
    const stranger = vote(9, 0n, 25, { power: null, choices: [{ choice: 2, weight: '1' }] });
    const votes = [vote(1, 18n, 10), vote(2, 19n, 20), stranger, vote(3, 5n, 30)];
    const { told } = playGov(rules, [at(40, { tally: [42n, 0n, 0n, 0n] }, votes)]);
    expect(told.map(({ title }) => title)).toEqual(['A vote turned the outcome: #12 Raise the block gas limit']);
    // What is missing in the tally may be theirs.
    expect(playGov(rules, [at(40, { tally: [80n, 0n, 9n, 0n] }, votes)]).told).toEqual([]);
  });

  test('of a tally that is older than the votes nobody says that it was turned', () => {
    const no = { choices: [{ choice: 2, weight: '1' }] };
    const votes = [
      vote(1, 30n, 10, { atFirst: true }),
      vote(2, 25n, 10, { ...no, atFirst: true }),
      vote(3, 20n, 20, no),
    ];
    expect(playGov(rules, [at(30, { tally: [30n, 0n, 25n, 0n] }, votes)]).told).toEqual([]);
    expect(playGov(rules, [at(30, { tally: [30n, 0n, 45n, 0n] }, votes)]).told).toHaveLength(1);
  });

  test('of free choices the outcome is which leads, whatever it is called', () => {
    const { terms } = proposal();
    const free = { ...terms, yes: null, against: [], vetoChoice: null, quorum: null, threshold: null, veto: null };
    const choices = ['Fund it', HOSTILE];
    const other = { choices: [{ choice: 1, weight: '1' }] };
    const votes = [vote(1, 10n, 10, { atFirst: true }), vote(2, 12n, 20, other)];
    const { told, open } = playGov(rules, [at(30, { terms: free, choices, tally: [10n, 12n] }, votes)]);
    expect(told.map(({ title }) => title)).toEqual(['A vote turned the outcome: #12 Raise the block gas limit']);
    expect(told[0]?.text).toMatch(/now <b>@everyone.{10,60} leads, for/);
    expect(told[0]?.text).not.toMatch(/[\u202e\0]/);
    expect(open[0]?.subject).toMatch(/^[ -~]+$/);
    // A ranked vote is not the sum of its power.
    const ranked = { terms: free, choices, tally: [10n, 12n], kinds: ['ranked-choice'] };
    expect(playGov(rules, [at(30, ranked, votes)]).told).toEqual([]);
  });

  test('all that an owner cast on gauges in an epoch counts as one vote', () => {
    const events = [
      minted(1, 1),
      minted(2, 1),
      minted(3, 2),
      voted(1, 1, 7, 60, 15n),
      voted(2, 1, 7, 120, 10n),
      voted(3, 2, 7, 60, 20n),
    ];
    const eligible = [
      { epoch: 6, to: -8 * DAY },
      { epoch: 7, to: 7 * DAY, powerWei: 100n },
    ];
    const gauges = (when: number): GovMoment => ({
      at: when,
      gauges: [gaugesAt(when, { events, eligible })],
      read: false,
    });
    const { told } = playGov(rules, [gauges(200), { at: 300, read: false }, gauges(400), gauges(DAY)]);
    expect(told.map(({ text }) => text.includes('25 veBR, 25 % of all voting power'))).toEqual([true]);
    const first = { events, eligible: [{ epoch: 7, to: 7 * DAY }] };
    expect(
      playGov(rules, [{ at: 200, gauges: [gaugesAt(200, { ...first, eligible: [] })], read: false }]).told,
    ).toEqual([]);
  });

  test('whatever is voted, changed and read again, nobody’s vote is told twice for one outcome', () => {
    const cast = fc.array(
      fc.record({
        voter: fc.nat(5),
        power: fc.bigInt(1n, 40n),
        choice: fc.constantFrom(0, 2, 3),
        when: fc.nat(3 * HOUR),
      }),
      { maxLength: 25 },
    );
    fc.assert(
      fc.property(cast, (ballots) => {
        const inOrder = [...ballots].sort((a, b) => a.when - b.when);
        const stored = new Map<number, StoredVote>();
        const moments = inOrder.map(({ voter, power, choice, when }) => {
          const earlier = stored.get(voter);
          const choices = [{ choice, weight: '1' }];
          stored.set(
            voter,
            earlier === undefined
              ? vote(voter, power, when, { choices })
              : { ...earlier, choices, changedAtMs: atMs(when) },
          );
          const votes = [...stored.values()];
          const tally = [0, 1, 2, 3].map((of) =>
            votes.reduce((sum, one) => (one.choices[0]?.choice === of ? sum + (one.power ?? 0n) : sum), 0n),
          );
          return at(when, { tally }, votes);
        });
        const { told } = playGov(rules, [...moments, ...moments.slice(-1)]);
        const said = told.map(({ subject }) => subject);
        expect(new Set(said).size).toBe(said.length);
      }),
      { numRuns: 100 },
    );
  });
});
