import { expect, test } from 'vitest';
import { currentStatus } from '../../src/insight/currentStatus.ts';
import { REGISTRY_SOURCE, type SourceStatus } from '../../src/lib/facts.ts';
import { HUB_SOURCE, STORAGE_SOURCE } from '../../src/lib/modelFacts.ts';
import { SETTLEMENT_SOURCE } from '../../src/lib/proofFacts.ts';

const NOW_MS = 1_000_000_000;

const fresh = (changes: Partial<SourceStatus> = {}): SourceStatus => ({
  source: REGISTRY_SOURCE,
  state: 'fresh',
  lastSuccessAtMs: NOW_MS - 1_000,
  lastAttemptAtMs: NOW_MS - 1_000,
  failingSinceMs: null,
  error: null,
  shortError: null,
  ...changes,
});

test.each([
  [REGISTRY_SOURCE, 120_000],
  [SETTLEMENT_SOURCE, 300_000],
  [HUB_SOURCE, 1_200_000],
  [STORAGE_SOURCE, 1_800_000],
  ['bedrock.votes', 1_800_000],
  ['opengradient.holders', 10_800_000],
  ['constructor', 1_800_000],
])('%s stays fresh for so long without a word, and is then stale since the last one', (source, limitMs) => {
  expect(currentStatus(fresh({ source, lastAttemptAtMs: NOW_MS - limitMs }), NOW_MS)?.state).toBe('fresh');
  expect(currentStatus(fresh({ source, lastAttemptAtMs: NOW_MS - limitMs - 1 }), NOW_MS)).toMatchObject({
    state: 'stale',
    failingSinceMs: NOW_MS - limitMs - 1,
    shortError: 'this bot has not asked it since',
  });
});

test('gateways are asked as seldom as an operator likes: each probe has its own age', () => {
  const status = fresh({ source: 'opengradient.gateways', lastAttemptAtMs: 0 });
  expect(currentStatus(status, NOW_MS)).toBe(status);
});

test('what is failing stays so, and what is not there is not there', () => {
  const failing = fresh({ state: 'failing', lastAttemptAtMs: 0, shortError: 'no answer' });
  expect(currentStatus(failing, NOW_MS)).toBe(failing);
  expect(currentStatus(null, NOW_MS)).toBe(null);
});
