import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type StandingHistory, standingAt } from '../../src/insight/proofStanding.ts';
import type { Hex } from '../../src/lib/facts.ts';

const ID: Hex = `0x${'ab'.repeat(32)}`;
const PCR: Hex = `0x${'cd'.repeat(32)}`;
type Event = StandingHistory['events'][number];

const event = (kind: Event['kind'], atSeconds: number, changes: Partial<Event> = {}): Event => ({
  kind,
  teeId: kind.startsWith('pcr') ? null : ID,
  pcrHash: kind.startsWith('pcr') ? PCR : null,
  teeType: kind.startsWith('pcr') ? 0 : null,
  blockTimestampSeconds: atSeconds,
  blockNumber: BigInt(atSeconds),
  logIndex: 0,
  ...changes,
});

const history = (changes: Partial<StandingHistory> = {}): StandingHistory => ({
  record: { teeId: ID, enabled: true, registeredAtSeconds: 1_000, pcrHash: PCR, teeType: 0 },
  pcrApproved: true,
  events: [],
  knownFromSeconds: 500,
  ...changes,
});

const record = (changes: Partial<NonNullable<StandingHistory['record']>>) => ({
  ...(history().record as NonNullable<StandingHistory['record']>),
  ...changes,
});

describe('as of the signed time, not as of now', () => {
  test('before it was registered, and what the registry does not have', () => {
    expect(standingAt(history(), 999)).toBe('not-registered');
    expect(standingAt(history(), 1_000)).toBe('fine');
    expect(standingAt(history({ record: null }), 5_000)).toBe('not-registered');
  });
  test('a node that is disabled now was fine before, and one that is fine now was disabled between', () => {
    const off = history({ record: record({ enabled: false }), events: [event('disabled', 2_000)] });
    expect([1_999, 2_000, 9_000].map((at) => standingAt(off, at))).toEqual(['fine', 'disabled', 'disabled']);
    const back = history({ events: [event('disabled', 2_000), event('enabled', 3_000)] });
    expect([1_999, 2_999, 3_000].map((at) => standingAt(back, at))).toEqual(['fine', 'disabled', 'fine']);
  });
  test('a measurement that was revoked, and approved again', () => {
    const events = [event('pcr-revoked', 2_000), event('pcr-approved', 3_000)];
    expect([1_999, 2_000, 3_000].map((at) => standingAt(history({ events }), at))).toEqual([
      'fine',
      'pcr-not-approved',
      'fine',
    ]);
  });
  test('two changes in one block count in the order of their logs', () => {
    const events = [event('enabled', 2_000, { logIndex: 5 }), event('disabled', 2_000, { logIndex: 4 })];
    expect(standingAt(history({ events }), 2_000)).toBe('fine');
  });
  test('events of other nodes, other measurements and other types are passed over; hex in any case', () => {
    const events = [
      event('disabled', 2_000, { teeId: `0x${'11'.repeat(32)}` }),
      event('pcr-revoked', 2_000, { teeType: 1 }),
      event('pcr-revoked', 2_000, { pcrHash: `0x${'22'.repeat(32)}` }),
      event('heartbeat', 2_000),
    ];
    expect(standingAt(history({ events }), 2_500)).toBe('fine');
    const upper = [event('disabled', 2_000, { teeId: `0x${'AB'.repeat(32)}` })];
    expect(standingAt(history({ events: upper }), 2_500)).toBe('disabled');
  });
});

describe('unknown is an answer', () => {
  test('before the first known event, unless nothing ever changed', () => {
    const late = { knownFromSeconds: 4_000 };
    expect(standingAt(history(late), 2_000)).toBe('fine');
    expect(standingAt(history({ ...late, events: [event('disabled', 5_000)] }), 2_000)).toBe('not-known');
    expect(standingAt(history({ ...late, record: record({ enabled: false }) }), 2_000)).toBe('not-known');
    expect(standingAt(history({ knownFromSeconds: null }), 2_000)).toBe('not-known');
  });
  test('within what is known, the next change says what was before it', () => {
    const late = { knownFromSeconds: 4_000 };
    expect(standingAt(history({ ...late, events: [event('disabled', 6_000)] }), 5_000)).toBe('fine');
    expect(standingAt(history({ ...late, events: [event('enabled', 6_000)] }), 5_000)).toBe('not-known');
  });
  test('a registry that does not tell which measurements are approved', () => {
    expect(standingAt(history({ pcrApproved: null }), 2_000)).toBe('not-known');
    expect(standingAt(history({ pcrApproved: null, events: [event('pcr-approved', 1_500)] }), 2_000)).toBe('fine');
  });
});

test('agrees with a replay of the whole history, in whatever order it is told', () => {
  const kinds = fc.constantFrom<Event['kind']>('enabled', 'disabled', 'pcr-approved', 'pcr-revoked');
  fc.assert(
    fc.property(fc.array(kinds, { maxLength: 12 }), fc.integer({ min: 1_000, max: 3_000 }), (list, atSeconds) => {
      const events = [event('pcr-approved', 600), ...list.map((kind, at) => event(kind, 1_100 + at * 100))];
      let enabled = true;
      let approved = true;
      for (const one of events) {
        if (one.blockTimestampSeconds > atSeconds) continue;
        if (one.kind === 'enabled' || one.kind === 'disabled') enabled = one.kind === 'enabled';
        else approved = one.kind === 'pcr-approved';
      }
      const expected = !enabled ? 'disabled' : approved ? 'fine' : 'pcr-not-approved';
      expect(standingAt(history({ events }), atSeconds)).toBe(expected);
      expect(standingAt(history({ events: events.toReversed() }), atSeconds)).toBe(expected);
    }),
  );
});
