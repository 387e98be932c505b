import { expect, test } from 'vitest';
import type { Window } from '../../src/insight/sharedDays.ts';
import { type UsageInput, type UsageRow, usageOf } from '../../src/insight/usage.ts';

const DAY = Date.UTC(2026, 10, 20) / 1000;
const HOUR = DAY / 3_600;

const row = (changes: Partial<UsageRow>): UsageRow => ({
  hour: HOUR,
  nodeId: 0,
  mode: 'batch',
  settled: 0,
  valid: changes.settled ?? 0,
  ...changes,
});

const window: Window = { fromSeconds: DAY, toSeconds: DAY + 86_400, knownFromSeconds: DAY - 86_400 };

const input = (changes: Partial<UsageInput> = {}): UsageInput => ({
  current: [],
  previous: [],
  nodes: [],
  kinds: [],
  usageDays: [],
  window,
  ...changes,
});

test('nothing known is null, never zero; a known time without answers is zero', () => {
  const nothing = usageOf(input({ window: { ...window, knownFromSeconds: null } }));
  expect(nothing).toMatchObject({ settled: null, growth: null, previousSettled: null, byNode: [], older: [] });
  expect(nothing.privateShare.share).toBe(null);
  expect(usageOf(input()).settled).toBe(0);
});

test('by mode, and by node, the busiest first: only valid ones, for anyone may settle what nobody answered', () => {
  const found = usageOf(
    input({
      current: [row({ settled: 7, valid: 6 }), row({ mode: 'individual', settled: 4, valid: 3 })],
      nodes: [
        row({ nodeId: -1, settled: 1, valid: 0 }),
        row({ nodeId: 7, settled: 5, valid: 5 }),
        row({ nodeId: 7, mode: 'individual', settled: 4, valid: 3 }),
        row({ nodeId: 8, settled: 2 }),
      ],
    }),
  );
  expect(found).toMatchObject({ settled: 9, notValid: 2, byMode: { batch: 6, individual: 3 } });
  expect(found.byNode).toEqual([
    { nodeId: 7, settled: 8, share: 0.8 },
    { nodeId: 8, settled: 2, share: 0.2 },
  ]);
});

test('growth needs the time before it: known in full, and with enough answers', () => {
  const current = [row({ settled: 30 })];
  const previous = [row({ hour: HOUR - 24, settled: 20 })];
  expect(usageOf(input({ current, previous }))).toMatchObject({ growth: 0.5, growthReason: '', previousSettled: 20 });
  expect(usageOf(input({ current, previous: [row({ settled: 19 })] }))).toMatchObject({
    growth: null,
    growthReason: 'fewer than 20 answers in the time before it',
    previousSettled: 19,
  });
  const late = { ...window, knownFromSeconds: DAY - 86_399 };
  expect(usageOf(input({ current, previous, window: late }))).toMatchObject({
    growth: null,
    growthReason: 'the time before it is not known in full',
    previousSettled: null,
  });
});

test('the private share is what was requested and not settled; older forms are apart', () => {
  const found = usageOf(
    input({
      current: [row({ settled: 30 })],
      usageDays: [{ day: '2026-11-20', requests: 40, readAtMs: (DAY + 90_000) * 1000 }],
      kinds: [
        { kind: 'batch', events: 2, answers: 30, refused: 0 },
        { kind: 'old-batch', events: 3, answers: 9, refused: 0 },
      ],
    }),
  );
  expect(found.privateShare).toMatchObject({ share: 0.25, days: 1 });
  expect(found.older).toEqual([{ kind: 'old-batch', events: 3, answers: 9 }]);
  expect(found.settled).toBe(30);
});

test('junk that a stranger settles changes no figure of use, only how much of it there was', () => {
  const honest = input({
    current: [row({ settled: 30 })],
    previous: [row({ settled: 20 })],
    nodes: [row({ nodeId: 7, settled: 30 })],
    usageDays: [{ day: '2026-11-20', requests: 40, readAtMs: (DAY + 90_000) * 1000 }],
  });
  const junk = (nodeId: number) => row({ nodeId, mode: 'individual', settled: 10_000, valid: 0 });
  const flooded = usageOf({
    ...honest,
    current: [...honest.current, junk(0)],
    previous: [...honest.previous, junk(0)],
    nodes: [...honest.nodes, junk(7), junk(-1)],
  });
  expect(flooded).toEqual({ ...usageOf(honest), notValid: 10_000 });
});
