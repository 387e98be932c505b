import { duration } from '../lib/units.ts';
import type { HealthReason, NodeHealth, NodeThresholds } from './nodeHealth.ts';

type Probe = NonNullable<NodeHealth['probe']>;

/** What the newest probe says about a node. A missing one says nothing, and does not make it worse. */
export function probeReasons(probe: Probe | null, wallMs: number, thresholds: NodeThresholds): HealthReason[] {
  if (probe === null) return [{ code: 'not-probed', state: 'ok', text: 'not asked from this bot recently' }];
  return [
    ...reachability(probe, thresholds),
    ...certificateAge(probe, wallMs, thresholds),
    ...price(probe, thresholds),
    ...heartbeats(probe),
  ];
}

function reachability(probe: Probe, { unreachableAfterProbes }: NodeThresholds): HealthReason[] {
  const often = probe.streak > 1 ? `, ${probe.streak} times in a row` : '';
  const sustained = probe.streak >= unreachableAfterProbes;
  switch (probe.outcome) {
    case 'ok':
      return [];
    case 'not-asked':
      return [{ code: 'not-asked', state: 'ok', text: `not asked from this bot: ${probe.detail}` }];
    case 'certificate-mismatch':
      return [
        {
          code: 'certificate-mismatch',
          state: sustained ? 'down' : 'degraded',
          text: `its certificate is not the registered one${often}: clients refuse it`,
        },
      ];
    case 'wrong-identity':
      return [{ code: 'wrong-identity', state: sustained ? 'down' : 'degraded', text: `${probe.detail}${often}` }];
    case 'bad-response':
      return [
        { code: 'bad-response', state: sustained ? 'degraded' : 'ok', text: `from this bot: ${probe.detail}${often}` },
      ];
    default: {
      const what = probe.outcome === 'timeout' ? 'does not answer in time' : 'cannot be reached';
      return [{ code: 'unreachable', state: sustained ? 'degraded' : 'ok', text: `${what} from this bot${often}` }];
    }
  }
}

function certificateAge(probe: Probe, wallMs: number, { certificateWarnSeconds }: NodeThresholds): HealthReason[] {
  if (probe.certificateExpiresAtSeconds === null || probe.certificateMatches === false) return [];
  const left = probe.certificateExpiresAtSeconds - wallMs / 1000;
  if (left <= 0) {
    return [{ code: 'certificate-expired', state: 'degraded', text: `its certificate expired ${duration(-left)} ago` }];
  }
  if (left > certificateWarnSeconds) return [];
  return [{ code: 'certificate-expiring', state: 'degraded', text: `its certificate expires in ${duration(left)}` }];
}

function price(probe: Probe, { priceWarnSeconds, priceRefusedSeconds }: NodeThresholds): HealthReason[] {
  const age = probe.priceAgeSeconds;
  if (age === null || age <= priceWarnSeconds) return [];
  const refused = age > priceRefusedSeconds;
  const effect = refused
    ? 'it refuses paid requests'
    : `it refuses paid requests after ${duration(priceRefusedSeconds)}`;
  return [
    {
      code: refused ? 'price-refused' : 'price-stale',
      state: 'degraded',
      text: `its price feed is ${duration(age)} old: ${effect}`,
    },
  ];
}

function heartbeats(probe: Probe): HealthReason[] {
  if (probe.heartbeatLastError === null) return [];
  return [
    {
      code: 'heartbeat-errors',
      // An error of the past that it reports while its beats arrive is a word to its operator, not a fault.
      state: 'ok',
      text: `it reports a heartbeat error: ${probe.heartbeatLastError}`,
    },
  ];
}
