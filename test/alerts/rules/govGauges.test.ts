import { describe, expect, test } from 'vitest';
import { govParticipation } from '../../../src/alerts/rules/govParticipation.ts';
import { govSeason } from '../../../src/alerts/rules/govSeason.ts';
import { govWindow } from '../../../src/alerts/rules/govWindow.ts';
import { defaultGovThresholds } from '../../../src/insight/govThresholds.ts';
import {
  briefly,
  clockAt,
  DAY,
  GAUGES,
  type GovMoment,
  gaugeEvent,
  gaugesAt,
  HOUR,
  minted,
  playGov,
  SOURCES,
  voted,
} from '../govFacts.ts';

/** Votes of an epoch begin two weeks apart, and last one. */
const from = (epoch: number): number => (epoch - 7) * 14 * DAY;
const window = (epoch: number) => ({ epoch, from: from(epoch), to: from(epoch) + 7 * DAY });
const eligible = (...epochs: number[]) => epochs.map((epoch) => ({ epoch, to: window(epoch).to, wallets: 10 }));
const moment = (when: number, more: Parameters<typeof gaugesAt>[1] = {}): GovMoment => ({
  at: when,
  gauges: [gaugesAt(when, { epoch: window(7), eligible: eligible(6, 7), ...more })],
  read: false,
});
const mints = Array.from({ length: 10 }, (_, index) => minted(index + 1, index + 1, from(1)));
const votes = (epoch: number, count: number) =>
  Array.from({ length: count }, (_, index) => voted(index + 1, index + 1, epoch, from(epoch) + HOUR + index));

describe('a vote window', () => {
  const rules = [govWindow(SOURCES)];
  const end = window(7).to;
  const events = [...mints, ...votes(6, 8), ...votes(7, 4)];

  test('is told once when it opens, and when it closes with how many took part', () => {
    const moments = [-60, 10, 60, HOUR, DAY, 3 * DAY, end - 1, end, end + 60, end + DAY + 60].map((when) =>
      moment(when, { events, ...(when < 0 ? { eligible: eligible(6) } : {}) }),
    );
    const played = playGov(rules, moments);
    expect(briefly(played)).toEqual([
      '10 gov.window fired Gauge vote opened: Bedrock, epoch 7',
      `${end} gov.window fired Gauge vote closed: Bedrock, epoch 7`,
    ]);
    expect(played.told[1]?.text).toContain('4 wallets voted of 10 that could (40 %), with 40 % of the power');
    expect(played.told[1]?.text).toContain('Of 8 voters of the epoch before, 4 voted again.');
    expect(played.open).toEqual([]);
  });

  test('an answer that lacks its clock, or all, repeats nothing; a dark source is not asked', () => {
    const dark = { states: { [GAUGES]: 'failing' } } as const;
    const played = playGov(rules, [
      moment(10, { events }),
      moment(20, { events, hasClock: false }),
      { at: 30, read: false },
      moment(40, { events }),
      { ...moment(end + 5, { events }), ...dark },
      moment(end + 60, { events }),
      moment(end + 90, { events }),
    ]);
    expect(played.told.map(({ at }) => at)).toEqual([10, end + 60]);
  });

  test('what was open or over when the bot first looked is history', () => {
    expect(playGov(rules, [moment(HOUR, { events, eligible: eligible() })]).told).toEqual([]);
    expect(playGov(rules, [moment(end + HOUR, { events, eligible: eligible() })]).told).toEqual([]);
  });

  test('while logs are not complete, how many took part is not known', () => {
    const { told } = playGov(rules, [moment(end + 1, { isComplete: false })]);
    expect(told.map(({ text }) => text.includes('How many took part is not known'))).toEqual([true]);
  });
});

describe('a season', () => {
  const rules = [govSeason(SOURCES)];
  const events = [...mints, gaugeEvent(HOUR, { kind: 'season-started', season: 2, atSeconds: clockAt(3 * DAY) })];

  test('is told when it is announced and when it begins, once each', () => {
    const moments = [0, HOUR, 2 * HOUR, DAY, 3 * DAY - 1, 3 * DAY, 3 * DAY + 60, 5 * DAY].map((when) =>
      moment(when, { events }),
    );
    expect(
      briefly(playGov(rules, [...moments.slice(0, 3), { at: 3 * HOUR, read: false }, ...moments.slice(3)])),
    ).toEqual([
      `${HOUR} gov.season fired Season reset announced: Bedrock, season 2`,
      `${3 * DAY} gov.season fired Season begun: Bedrock, season 2`,
    ]);
  });

  test('what was announced before the bot first looked is history', () => {
    expect(playGov(rules, [moment(2 * HOUR, { events, eligible: eligible() })]).told).toEqual([]);
  });
});

describe('participation', () => {
  const rules = [govParticipation(defaultGovThresholds, SOURCES)];
  const end = window(7).to;
  const known = eligible(3, 4, 5, 6, 7);
  const of = (counts: number[]) => [...mints, ...counts.flatMap((count, index) => votes(index + 3, count))];
  const told = (counts: number[], more: Parameters<typeof gaugesAt>[1] = {}) =>
    playGov(
      rules,
      [end - 60, end, end + 60, end + DAY + 60].map((when) =>
        moment(when, { events: of(counts), eligible: known, ...more }),
      ),
    ).told;

  test('a quarter below the median of four epochs is told once, when the vote is over, by what it is measured', () => {
    const [one, ...others] = told([8, 8, 8, 8, 6]);
    expect(others).toEqual([]);
    expect(one).toMatchObject({ at: end, title: 'Participation fell: Bedrock, epoch 7' });
    expect(one?.text).toContain('Turnout by wallets was 60 %, 25 % below the median of the four epochs before (80 %).');
  });

  test('less of a drop, too few epochs, or logs that are not complete are no news', () => {
    expect(told([8, 8, 8, 8, 7])).toEqual([]);
    expect(told([0, 8, 8, 8, 2])).toEqual([]);
    expect(told([8, 8, 8, 8, 2], { isComplete: false })).toEqual([]);
  });

  test('where what could vote is not known of all epochs, voters are counted, and it is said', () => {
    const [one] = told([8, 8, 8, 8, 4], { eligible: eligible(6, 7) });
    expect(one?.text).toContain('The number of voting wallets was 4, 50 % below');
  });
});
