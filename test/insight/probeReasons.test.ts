import { expect, test } from 'vitest';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import { probeReasons } from '../../src/insight/probeReasons.ts';
import type { ProbeResult } from '../../src/lib/facts.ts';

const NOW_MS = 1_795_262_400_000;

const reasons = (changes: Partial<ProbeResult> & { streak?: number }) =>
  probeReasons(
    {
      teeId: `0x${'ab'.repeat(32)}`,
      endpoint: 'https://gw.example',
      atMs: NOW_MS,
      outcome: 'ok',
      detail: '',
      latencyMs: 80,
      certificateMatches: true,
      certificateExpiresAtSeconds: null,
      identityMatches: true,
      priceAgeSeconds: null,
      heartbeatErrors: null,
      heartbeatLastError: null,
      streak: 1,
      streakSinceMs: NOW_MS,
      ...changes,
    },
    NOW_MS,
    defaultThresholds,
  );

const day = 86_400;
const at = (seconds: number) => NOW_MS / 1000 + seconds;

test('a gateway that answers as it should gives no reason; one that was not asked says only that', () => {
  expect(reasons({})).toEqual([]);
  expect(probeReasons(null, NOW_MS, defaultThresholds).map(({ state, code }) => [code, state])).toEqual([
    ['not-probed', 'ok'],
  ]);
});

test('one failed probe is told but not believed; the second in a row is', () => {
  for (const outcome of ['unreachable', 'timeout', 'bad-response'] as const) {
    expect(reasons({ outcome }).map(({ state }) => state)).toEqual(['ok']);
    expect(reasons({ outcome, streak: 2 }).map(({ state }) => state)).toEqual(['degraded']);
    expect(reasons({ outcome, streak: 2 })[0]?.text).toContain('2 times in a row');
    expect(reasons({ outcome })[0]?.text).not.toContain('times');
  }
});

test.each([
  [7 * day + 1, []],
  [7 * day, ['its certificate expires in 7 d']],
  [3_661, ['its certificate expires in 1 h 1 min']],
  [0, ['its certificate expired 0 s ago']],
  [-2 * day, ['its certificate expired 2 d ago']],
])('a certificate with %i seconds left', (left, texts) => {
  expect(reasons({ certificateExpiresAtSeconds: at(left) }).map(({ text }) => text)).toEqual(texts);
});

test('when a certificate that is not the registered one ends does not matter', () => {
  const found = reasons({
    outcome: 'certificate-mismatch',
    certificateMatches: false,
    certificateExpiresAtSeconds: at(-day),
  });
  expect(found.map(({ code }) => code)).toEqual(['certificate-mismatch']);
});

test.each([
  [600, []],
  [601, [['price-stale', 'its price feed is 10 min 1 s old: it refuses paid requests after 4 h']]],
  [14_400, [['price-stale', 'its price feed is 4 h old: it refuses paid requests after 4 h']]],
  [14_401, [['price-refused', 'its price feed is 4 h old: it refuses paid requests']]],
])('a price feed %i seconds old', (age, expected) => {
  const found = reasons({ priceAgeSeconds: age }).map(({ code, text }) => [code, text]);
  expect(found).toEqual(expected);
});

test('every word about reachability is "from this bot"; what clients refuse is said plainly', () => {
  for (const outcome of ['unreachable', 'timeout', 'bad-response', 'not-asked'] as const) {
    expect(reasons({ outcome, streak: 5 })[0]?.text).toContain('from this bot');
  }
  expect(reasons({ outcome: 'certificate-mismatch', streak: 5 })[0]?.text).toContain('clients refuse it');
});
