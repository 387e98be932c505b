import { describe, expect, test } from 'vitest';
import { concerns } from '../../../src/alerts/concerns.ts';
import { REMINDER_STEPS } from '../../../src/alerts/reminderSteps.ts';
import { voterEnds } from '../../../src/alerts/rules/voterEnds.ts';
import { ownerOf } from '../facts.ts';
import {
  DAY,
  EPOCH,
  type GovMoment,
  gaugesAt,
  HOUR,
  lock,
  minted,
  playGov,
  proposal,
  SOURCES,
  voted,
} from '../govFacts.ts';
import { subscription } from '../told.ts';

const rules = REMINDER_STEPS.map((step) => voterEnds(step, SOURCES));
const END = 3 * DAY - HOUR;
const [me, other] = [ownerOf(1), ownerOf(2)];

/** So long before the end. */
const left = (seconds: number, ...followed: [voter: string, hasVoted: boolean | null][]): GovMoment => ({
  at: END - seconds,
  proposals: [proposal()],
  followed: followed.map(([voter, hasVoted]) => ({ voter, proposalId: 1, hasVoted })),
});

describe('on a proposal', () => {
  test('who has not voted is called to mind at each step, by name, and nobody else hears of it', () => {
    const seconds = [25, 24, 12, 6, 3, 1, 0.5].map((hours) => hours * HOUR);
    const played = playGov(
      rules,
      seconds.map((before) => left(before, [me, false], [other, true])),
    );
    expect(played.told.map(({ rule, subject }) => [rule, subject])).toEqual(
      ['24h', '6h', '1h'].map((step) => [
        `voter.ends-${step}`,
        expect.stringMatching(`^proposal:opengradient\\.governance:12\\b.*:${me}$`),
      ]),
    );
    expect(played.told[1]?.title).toBe('Voting ends in 6 h, not voted: #12 Raise the block gas limit');
    expect(played.told[1]?.text).toContain(`${me.slice(0, 8)}…${me.slice(-4)} has not voted. Voting ends`);
    const [open] = played.open;
    const hears = (more: object) => open !== undefined && concerns(subscription(more), open);
    expect(hears({ family: 'voter', scope: 'voter', subject: me })).toBe(true);
    expect(hears({ family: 'voter', scope: 'voter', subject: other })).toBe(false);
    expect(hears({ family: 'gov' })).toBe(false);
  });

  test('what is not known is not "has not": it is told when it is known, if there is still time', () => {
    const unknown = [left(23 * HOUR, [me, null]), left(7 * HOUR, [me, null])];
    expect(playGov(rules, unknown)).toEqual({ told: [], open: [] });
    const known = playGov(rules, [...unknown, left(5 * HOUR, [me, false]), left(4 * HOUR, [me, null])]);
    expect(known.told.map(({ rule }) => rule)).toEqual(['voter.ends-6h']);
    expect(playGov(rules, [...unknown, left(-60, [me, false])]).told).toEqual([]);
  });

  test('who votes after a reminder hears no more, also when the source prunes the vote or is silent', () => {
    const played = playGov(rules, [
      left(23 * HOUR, [me, false]),
      left(22 * HOUR, [me, true]),
      { at: END - 21 * HOUR },
      left(20 * HOUR, [me, true]),
      left(5 * HOUR, [me, null]),
      left(HOUR, [me, true]),
    ]);
    expect(played.told.map(({ rule }) => rule)).toEqual(['voter.ends-24h']);
    expect(played.open).toEqual([]);
  });

  test('an answer that lacks the voter for a moment repeats nothing', () => {
    const due = left(5 * HOUR, [me, false]);
    const played = playGov(rules, [due, { ...due, at: due.at + 10, followed: [] }, { ...due, at: due.at + 20 }]);
    expect(played.told).toHaveLength(1);
  });

  test('whoever begins to follow in the last hours is told, even of what was there at first', () => {
    const first = { proposals: [proposal({ atFirst: true, firstSeenAtMs: 0 })] };
    const played = playGov(rules, [{ ...left(5 * HOUR, [me, false]), ...first }]);
    expect(played.told.map(({ rule }) => rule)).toEqual(['voter.ends-6h']);
  });
});

describe('on gauges', () => {
  const end = EPOCH.to;
  const locks = [lock(1, 1), lock(2, 1), lock(3, 2), lock(4, 3, { exiting: true }), lock(5, 4, { powerWei: 0n })];
  const mints = [minted(1, 1), minted(2, 1), minted(3, 2), minted(4, 3), minted(5, 4)];
  const followedVoters = [1, 2, 3, 4, 5].map(ownerOf);
  const moment = (before: number, more: Parameters<typeof gaugesAt>[1] = {}): GovMoment => ({
    at: end - before,
    gauges: [gaugesAt(end - before, { locks, events: mints, ...more })],
    followedVoters,
    read: false,
  });
  const who = ({ told }: ReturnType<typeof playGov>): string[] =>
    told.map(({ rule, subject }) => `${rule} ${subject.split(':').at(-1)}`);

  test('owners of locks with power who have not voted in this epoch are told; votes that stand from before are none', () => {
    const events = [...mints, voted(3, 2, 6, -9 * DAY), voted(1, 1, 7, DAY)];
    expect(who(playGov(rules, [moment(5 * HOUR, { events })]))).toEqual([`voter.ends-6h ${ownerOf(2)}`]);
    expect(who(playGov(rules, [moment(5 * HOUR)]))).toEqual([1, 2].map((owner) => `voter.ends-6h ${ownerOf(owner)}`));
  });

  test('a vote cast meanwhile ends it, and nothing is repeated', () => {
    const events = [...mints, voted(3, 2, 7, end - 3 * HOUR), voted(1, 1, 7, DAY)];
    const played = playGov(
      rules,
      [5 * HOUR, 4 * HOUR, 2 * HOUR, HOUR, 600].map((before) => moment(before, { events })),
    );
    expect(who(played)).toEqual([`voter.ends-6h ${ownerOf(2)}`]);
  });

  test('while logs are not complete nobody is said not to have voted', () => {
    const played = playGov(rules, [moment(5 * HOUR, { isComplete: false }), moment(4 * HOUR)]);
    expect(played.told.map(({ at }) => at)).toEqual([end - 4 * HOUR, end - 4 * HOUR]);
  });
});
