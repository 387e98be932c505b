import { expect, test } from 'vitest';
import { currentStatus } from '../../src/insight/currentStatus.ts';
import { REGISTRY_SOURCE, type SourceStatus } from '../../src/lib/facts.ts';

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

test('fresh stays fresh for two minutes without a word, and is then stale since the last one', () => {
  expect(currentStatus(fresh({ lastAttemptAtMs: NOW_MS - 120_000 }), NOW_MS)?.state).toBe('fresh');
  expect(currentStatus(fresh({ lastAttemptAtMs: NOW_MS - 120_001 }), NOW_MS)).toMatchObject({
    state: 'stale',
    failingSinceMs: NOW_MS - 120_001,
    shortError: 'this bot has not asked it since',
  });
});

test('what is failing stays so, and so does a source that is asked less often', () => {
  const failing = fresh({ state: 'failing', lastAttemptAtMs: 0, shortError: 'no answer' });
  expect(currentStatus(failing, NOW_MS)).toBe(failing);
  const gateways = fresh({ source: 'opengradient.gateways', lastAttemptAtMs: 0 });
  expect(currentStatus(gateways, NOW_MS)).toBe(gateways);
  expect(currentStatus(null, NOW_MS)).toBe(null);
});
