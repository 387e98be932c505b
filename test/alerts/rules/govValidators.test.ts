import { describe, expect, test } from 'vitest';
import { govJailed } from '../../../src/alerts/rules/govJailed.ts';
import { govMissed } from '../../../src/alerts/rules/govMissed.ts';
import { govValidators } from '../../../src/alerts/rules/govValidators.ts';
import { defaultGovThresholds } from '../../../src/insight/govThresholds.ts';
import type { StoredValidator } from '../../../src/store/governanceRepository.ts';
import { HOSTILE } from '../facts.ts';
import {
  atMs,
  briefly,
  clockAt,
  DAY,
  type GovMoment,
  HOUR,
  playGov,
  SOURCES,
  VALIDATORS,
  validator,
} from '../govFacts.ts';

const at = (moment: number, ...validators: Partial<StoredValidator>[]): GovMoment => ({
  at: moment,
  validators: validators.map((more, index) => validator(index + 1, more)),
});
const dark = { states: { [VALIDATORS]: 'failing' } } as const;

describe('a jailed validator', () => {
  const rules = [govJailed(SOURCES)];
  const jailed = { jailed: true, jailedAtMs: atMs(10), jailedUntilSeconds: clockAt(600) };

  test('is told once, and that it is free again', () => {
    const free = { jailedAtMs: atMs(10), unjailedAtMs: atMs(700) };
    const played = playGov(rules, [
      at(0, {}),
      at(10, jailed),
      { ...at(20, {}), ...dark },
      at(30, jailed),
      at(700, free),
      at(710, free),
    ]);
    expect(briefly(played)).toEqual([
      '10 gov.jailed fired Validator jailed: validator-1',
      '700 gov.jailed resolved Validator no longer jailed: validator-1',
    ]);
    expect(played.told[0]?.text).toContain('It signs no blocks');
  });

  test('that left the set is told as gone; one that signed twice as never coming back', () => {
    const gone = { ...jailed, tombstoned: true, goneAtMs: atMs(60) };
    const played = playGov(rules, [at(10, { ...jailed, tombstoned: true }), at(60, gone), at(3 * DAY)]);
    expect(played.told.map(({ title }) => title)).toEqual([
      'Validator jailed: validator-1',
      'Jailed validator gone: validator-1',
    ]);
    expect(played.told[0]?.text).toContain('it signed twice');
  });

  test('that was jailed when its network was first read is history, until it is jailed anew', () => {
    const first = { jailed: true, jailedAtMs: null };
    const played = playGov(rules, [
      at(0, first),
      at(60, first),
      at(90, {}),
      at(120, { ...jailed, jailedAtMs: atMs(120) }),
    ]);
    expect(played.told.map(({ at: when }) => when)).toEqual([120]);
  });

  test('has a moniker that is only text', () => {
    const [told] = playGov(rules, [at(10, { ...jailed, moniker: HOSTILE })]).told;
    expect(told?.title.length).toBeLessThan(80);
    expect(told?.title).not.toMatch(/[\u202e\n\0]/);
  });
});

describe('missed blocks', () => {
  const rules = [govMissed(defaultGovThresholds, SOURCES)];
  // Of 1,000 half must be signed: 500 may be missed.
  const missed = (missedBlocks: number | null, more: Partial<StoredValidator> = {}) => ({ missedBlocks, ...more });

  test('are told in bands of what may be missed, and when they are few again for a while', () => {
    const moments = [125, 126, 250, 251, 376, 110, 100, 100].map((count, index) => at(index * 300, missed(count)));
    const played = playGov(rules, [...moments, at(3_000, missed(90))]);
    expect(played.told.map(({ at: when, kind, level }) => `${when} ${kind} ${level}`)).toEqual([
      ...['300 fired some', '900 changed half', '1200 changed most', '3000 resolved most'],
    ]);
    expect(played.told[0]?.text).toContain('126 blocks missed of the last 1000: 25 % of the 500 that it may miss');
    expect(played.told.at(-1)?.text).toContain('90 blocks missed of the last 1000 now');
  });

  test('that are not known, or of a validator that is not bonded, say nothing', () => {
    const unknown = [missed(null), missed(900, { windowBlocks: null }), missed(900, { status: 'unbonding' })];
    expect(playGov(rules, [at(0, ...unknown), { ...at(10, missed(400)), ...dark }]).told).toEqual([]);
    expect(playGov(rules, [at(0, missed(400)), at(10, missed(null)), at(20, missed(400))]).told).toHaveLength(1);
  });

  test('end without a word where it is jailed for them, and with one where it left', () => {
    const over = (more: Partial<StoredValidator>) => playGov(rules, [at(0, missed(400)), at(10, missed(0, more))]).told;
    expect(over({ jailed: true })).toHaveLength(1);
    expect(over({ goneAtMs: atMs(10) }).map(({ kind }) => kind)).toEqual(['fired', 'resolved']);
  });

  test('of a network that is read for the first time are told only when they last', () => {
    const first = missed(400, { firstSeenAtMs: atMs(0) });
    const { told } = playGov(rules, [at(0, first), at(HOUR - 1, first), at(HOUR, first)]);
    expect(told.map(({ at: when }) => when)).toEqual([HOUR]);
  });
});

describe('changes of the set', () => {
  const rules = [govValidators(SOURCES)];

  test('who joined, left, came back or has another power is told once, through restarts and empty answers', () => {
    const changed = [
      {},
      { atFirst: false, firstSeenAtMs: atMs(0) },
      { goneAtMs: atMs(0) },
      { returnedAtMs: atMs(0) },
      { tokensWei: 5n * 10n ** 18n, previousTokensWei: 10n ** 18n, powerChangedAtMs: atMs(0) },
    ];
    const played = playGov(rules, [
      at(0, ...changed),
      { at: 10 },
      { ...at(20, ...changed), ...dark },
      at(DAY, ...changed),
      at(DAY + 60, ...changed),
    ]);
    expect(played.told.map(({ title }) => title)).toEqual([
      'New validator: validator-2',
      'Validator left: validator-3',
      'Voting power changed: validator-5',
      'Validator is back: validator-4',
    ]);
    expect(played.told[2]?.text).toContain('Its power is 5 power, it was 1 power.');
    expect(played.open).toEqual([]);
  });

  test('a grain of power more is no news', () => {
    const tokensWei = 100n * 10n ** 18n;
    const grains = [tokensWei + 1n, tokensWei + 9n * 10n ** 17n];
    const changed = grains.map((one) => ({ tokensWei: one, previousTokensWei: tokensWei, powerChangedAtMs: atMs(0) }));
    expect(playGov(rules, [at(0, ...changed)]).told).toEqual([]);
  });

  test('a network that is read for the first time has no news', () => {
    expect(playGov(rules, [at(0, {}, {}, {})]).told).toEqual([]);
  });
});
