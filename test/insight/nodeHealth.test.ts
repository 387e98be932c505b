import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  currentRecord,
  defaultThresholds,
  type HealthState,
  judgeNode,
  type NodeHealth,
  type NodeThresholds,
} from '../../src/insight/nodeHealth.ts';
import type { Hex, ProbeOutcome, ProbeResult, SourceStatus, TeeRecord } from '../../src/lib/facts.ts';

const NOW = 1_795_262_400;
const MAX_AGE = 1_800;
const TEE: Hex = `0x${'ab'.repeat(32)}`;
const PCR: Hex = `0x${'cd'.repeat(32)}`;

interface Case {
  record: Partial<TeeRecord> | null;
  probe: (Partial<ProbeResult> & { streak?: number }) | null;
  ageSeconds: number;
  approvedPcrs: 'this' | 'none' | 'other-type' | 'unknown';
  status: SourceStatus['state'] | null;
  thresholds: NodeThresholds;
}

const FINE: Case = {
  record: {},
  probe: {},
  ageSeconds: 100,
  approvedPcrs: 'this',
  status: 'fresh',
  thresholds: defaultThresholds,
};

const recordOf = (changes: Partial<TeeRecord>): TeeRecord => ({
  teeId: TEE,
  owner: `0x${'01'.repeat(20)}`,
  paymentAddress: `0x${'01'.repeat(20)}`,
  endpoint: 'https://gw.example',
  publicKeyDer: new Uint8Array(),
  tlsCertificateDer: new Uint8Array(),
  pcrHash: PCR,
  teeType: 0,
  enabled: true,
  registeredAtSeconds: NOW - 1e6,
  lastHeartbeatAtSeconds: NOW,
  layout: 11,
  ohttp: null,
  ...changes,
});

const APPROVED = {
  this: [{ pcrHash: PCR.toUpperCase().replace('0X', '0x') as Hex, teeType: 0 }],
  none: [],
  'other-type': [{ pcrHash: PCR, teeType: 1 }],
  unknown: null,
};

function judge(changes: Partial<Case> = {}): NodeHealth {
  const { record, probe, ageSeconds, approvedPcrs, status, thresholds } = { ...FINE, ...changes };
  const newest = {
    teeId: TEE,
    endpoint: '',
    atMs: NOW * 1000,
    outcome: 'ok' as const,
    detail: 'said so',
    latencyMs: 80,
    certificateMatches: true,
    certificateExpiresAtSeconds: NOW + 1e7,
    identityMatches: true,
    priceAgeSeconds: 10,
    heartbeatErrors: 0,
    heartbeatLastError: null,
    streak: 1,
    streakSinceMs: 0,
    ...probe,
  };
  const sourceStatus: SourceStatus | null = status && {
    source: 'opengradient.registry',
    state: status,
    lastSuccessAtMs: null,
    lastAttemptAtMs: null,
    failingSinceMs: null,
    error: null,
    shortError: 'no answer',
  };
  return judgeNode(
    {
      key: 'gw',
      records: record === null ? [] : [recordOf({ lastHeartbeatAtSeconds: NOW - ageSeconds, ...record })],
      probes: new Map(probe === null ? [] : [[TEE, newest]]),
    },
    { heartbeatMaxAgeSeconds: MAX_AGE, approvedPcrs: APPROVED[approvedPcrs], chainSeconds: NOW },
    sourceStatus,
    NOW * 1000,
    thresholds,
  );
}

describe('the state of a node, and the first reason for it', () => {
  test.each<[string, Partial<Case>, HealthState, string | undefined, NodeHealth['registration']]>([
    ['all is well', {}, 'ok', undefined, 'active'],
    ['beat exactly at the late limit', { ageSeconds: 960 }, 'ok', undefined, 'active'],
    ['beat just late', { ageSeconds: 961 }, 'degraded', 'heartbeat-late', 'active'],
    ['a beat missed', { ageSeconds: 1_201 }, 'degraded', 'heartbeat-missed', 'active'],
    ['exactly at the chain’s limit', { ageSeconds: MAX_AGE }, 'degraded', 'heartbeat-missed', 'active'],
    ['beyond the chain’s limit', { ageSeconds: MAX_AGE + 1 }, 'down', 'heartbeat-expired', 'stale'],
    ['a beat of the future', { ageSeconds: -500 }, 'ok', undefined, 'active'],
    ['disabled', { record: { enabled: false } }, 'down', 'disabled', 'disabled'],
    ['PCR no longer approved', { approvedPcrs: 'none' }, 'down', 'pcr-revoked', 'pcr-revoked'],
    ['PCR approved for another type only', { approvedPcrs: 'other-type' }, 'down', 'pcr-revoked', 'pcr-revoked'],
    ['approval cannot be told', { approvedPcrs: 'unknown' }, 'ok', undefined, 'active'],
    ['not registered', { record: null }, 'unknown', 'no-data', 'none'],
    [
      'foreign certificate once',
      { probe: { outcome: 'certificate-mismatch' } },
      'degraded',
      'certificate-mismatch',
      'active',
    ],
    [
      'foreign certificate twice',
      { probe: { outcome: 'certificate-mismatch', streak: 2 } },
      'down',
      'certificate-mismatch',
      'active',
    ],
    ['foreign key twice', { probe: { outcome: 'wrong-identity', streak: 2 } }, 'down', 'wrong-identity', 'active'],
    ['unreachable once', { probe: { outcome: 'unreachable' } }, 'ok', 'unreachable', 'active'],
    ['unreachable for days', { probe: { outcome: 'unreachable', streak: 999 } }, 'degraded', 'unreachable', 'active'],
    ['time-outs', { probe: { outcome: 'timeout', streak: 2 } }, 'degraded', 'unreachable', 'active'],
    ['nonsense answers', { probe: { outcome: 'bad-response', streak: 2 } }, 'degraded', 'bad-response', 'active'],
    ['not asked', { probe: { outcome: 'not-asked', streak: 50 } }, 'ok', 'not-asked', 'active'],
    ['never probed', { probe: null }, 'ok', 'not-probed', 'active'],
    [
      'probed too long ago',
      { probe: { outcome: 'timeout', streak: 9, atMs: (NOW - 901) * 1000 } },
      'ok',
      'not-probed',
      'active',
    ],
    ['price feed old', { probe: { priceAgeSeconds: 601 } }, 'degraded', 'price-stale', 'active'],
    ['price feed refused', { probe: { priceAgeSeconds: 14_401 } }, 'degraded', 'price-refused', 'active'],
    [
      'certificate ends soon',
      { probe: { certificateExpiresAtSeconds: NOW + 86_400 } },
      'degraded',
      'certificate-expiring',
      'active',
    ],
    [
      'certificate ended',
      { probe: { certificateExpiresAtSeconds: NOW - 1 } },
      'degraded',
      'certificate-expired',
      'active',
    ],
    [
      'it reports an error of its own',
      { probe: { heartbeatLastError: 'nonce too low' } },
      'ok',
      'heartbeat-errors',
      'active',
    ],
    ['the registry cannot be read', { status: 'failing', ageSeconds: 9_999 }, 'unknown', 'source-failing', 'stale'],
    ['the registry was never asked', { status: null }, 'ok', undefined, 'active'],
  ])('%s', (_, changes, state, code, registration) => {
    const health = judge(changes);
    expect([health.state, health.reasons[0]?.code, health.registration]).toEqual([state, code, registration]);
  });

  test('missed beats are whole intervals, and a late one is not missed yet', () => {
    const missed = (ageSeconds: number) => judge({ ageSeconds }).missedBeats;
    expect([0, 1_200, 1_201, 1_799, 1_800, 2_700].map(missed)).toEqual([0, 0, 1, 1, 2, 3]);
  });

  test('reasons are in words and numbers, "from this bot" where it is only that', () => {
    const { reasons } = judge({ ageSeconds: 2_000, probe: { outcome: 'timeout', streak: 3 } });
    expect(reasons.map(({ text }) => text)).toEqual([
      'last heartbeat 33 min 20 s ago, expected every 15 min: inactive, the limit is 30 min',
      'does not answer in time from this bot, 3 times in a row',
    ]);
  });
});

const OUTCOMES: ProbeOutcome[] = [
  'ok',
  'unreachable',
  'timeout',
  'certificate-mismatch',
  'wrong-identity',
  'bad-response',
  'not-asked',
];
const amount = fc.integer({ min: 0, max: 20_000 });
const anyCase: fc.Arbitrary<Case> = fc.record({
  record: fc.record({ enabled: fc.boolean() }),
  probe: fc.option(
    fc.record({
      outcome: fc.constantFrom(...OUTCOMES),
      streak: fc.integer({ min: 1, max: 5 }),
      priceAgeSeconds: fc.option(amount),
      certificateMatches: fc.option(fc.boolean()),
      certificateExpiresAtSeconds: fc.option(fc.integer({ min: NOW - 1e6, max: NOW + 1e6 })),
      heartbeatLastError: fc.option(fc.constant('failed')),
    }),
  ),
  ageSeconds: fc.integer({ min: -100, max: 5_000 }),
  approvedPcrs: fc.constantFrom('this', 'none', 'other-type', 'unknown'),
  status: fc.constantFrom('fresh', 'fresh', 'fresh', 'stale', 'failing', 'unknown', null),
  thresholds: fc.constant(defaultThresholds),
});

const WORSE: Record<HealthState, number> = { ok: 0, degraded: 1, down: 2, unknown: 3 };

describe('laws', () => {
  test('while the registry cannot be asked a node is unknown with the cause, never down', () => {
    fc.assert(
      fc.property(anyCase, fc.constantFrom('stale' as const, 'failing' as const, 'unknown' as const), (one, status) => {
        const { state, reasons } = judge({ ...one, status });
        expect(state).toBe('unknown');
        expect(reasons[0]).toEqual({
          code: 'source-failing',
          state: 'unknown',
          text:
            status === 'stale'
              ? 'what the registry says is old: no answer'
              : 'the registry cannot be read now: no answer',
        });
      }),
    );
  });

  test('a gateway that could not be asked, or did not answer, never takes a node down', () => {
    const silent = fc.constantFrom<ProbeOutcome>('not-asked', 'unreachable', 'timeout', 'bad-response');
    fc.assert(
      fc.property(
        silent,
        fc.integer({ min: 1, max: 1_000 }),
        fc.integer({ min: 0, max: MAX_AGE }),
        (outcome, streak, ageSeconds) => {
          expect(judge({ ageSeconds, probe: { outcome, streak, certificateMatches: null } }).state).not.toBe('down');
        },
      ),
    );
  });

  test('more evidence of failure never makes a node look better', () => {
    const more = fc.record({
      older: amount,
      streak: fc.integer({ min: 0, max: 5 }),
      price: amount,
      certificate: amount,
    });
    fc.assert(
      fc.property(
        anyCase,
        more,
        fc.boolean(),
        fc.boolean(),
        (one, { older, streak, price, certificate }, off, revoked) => {
          const { probe } = one;
          const worse: Case = {
            ...one,
            ageSeconds: one.ageSeconds + older,
            record: off ? { enabled: false } : one.record,
            approvedPcrs: revoked ? 'none' : one.approvedPcrs,
            probe: probe && {
              ...probe,
              streak: (probe.streak ?? 1) + streak,
              priceAgeSeconds: probe.priceAgeSeconds == null ? null : probe.priceAgeSeconds + price,
              certificateExpiresAtSeconds:
                probe.certificateExpiresAtSeconds == null ? null : probe.certificateExpiresAtSeconds - certificate,
            },
          };
          expect(WORSE[judge(worse).state]).toBeGreaterThanOrEqual(WORSE[judge(one).state]);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('the state is that of the most serious reason, and reasons stand in that order', () => {
    fc.assert(
      fc.property(anyCase, (one) => {
        const { state, reasons } = judge(one);
        const ranks = reasons.map((reason) => WORSE[reason.state]);
        expect(ranks).toEqual([...ranks].sort((a, b) => b - a));
        expect(WORSE[state]).toBe(ranks[0] ?? 0);
        for (const { text } of reasons) expect(text).not.toMatch(/undefined|NaN|null/);
      }),
      { numRuns: 1_000 },
    );
  });

  test('which registration stands for a node does not depend on the order they are listed in', () => {
    const record = fc
      .record({
        enabled: fc.boolean(),
        lastHeartbeatAtSeconds: fc.nat(3),
        registeredAtSeconds: fc.nat(3),
        id: fc.nat(9),
      })
      .map(({ id, ...rest }) => recordOf({ ...rest, teeId: `0x0${id}` }));
    const records = fc.uniqueArray(record, { minLength: 1, maxLength: 6, selector: ({ teeId }) => teeId });
    fc.assert(
      fc.property(records, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (list, keys) => {
        const shuffled = list
          .map((one) => ({ one, key: keys.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const current = currentRecord(list);
        expect(currentRecord(shuffled)).toEqual(current);
        const newest = Math.max(...list.map(({ lastHeartbeatAtSeconds }) => lastHeartbeatAtSeconds));
        expect(current?.lastHeartbeatAtSeconds).toBe(newest);
      }),
    );
  });
});

test('the living registration is disabled: the node is, although a former one was left enabled', () => {
  const living = recordOf({ teeId: '0x02', enabled: false, lastHeartbeatAtSeconds: 1_000 });
  const former = recordOf({ teeId: '0x01', enabled: true, lastHeartbeatAtSeconds: 10 });
  expect(currentRecord([former, living])).toBe(living);
});
