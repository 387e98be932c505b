import type { NodeThresholds } from '../../insight/nodeHealth.ts';
import { toSeconds } from '../../lib/clock.ts';
import { REGISTRY_SOURCE } from '../../lib/facts.ts';
import { duration } from '../../lib/units.ts';
import type { Line, Tone } from '../../lib/view.ts';
import type { Incident } from '../incident.ts';
import { isGone, lasted, NODE_FAMILY, nodeAlert, nodeSample, registeredNodes } from '../nodeRule.ts';
import type { AlertFacts, Level, Rule, Sample } from '../rule.ts';

/** A beat a little late is not news: it must stay late for this long. Missed and expired beats are told at once. */
const LATE_FOR_SECONDS = 120;

const LEVELS = {
  late: { severity: 'info', forSeconds: LATE_FOR_SECONDS },
  missed: { severity: 'warning', forSeconds: 0 },
  expired: { severity: 'critical', forSeconds: 0 },
} as const satisfies Record<string, Level>;

const HEADLINES: Record<keyof typeof LEVELS, { headline: string; tone: Tone }> = {
  late: { headline: 'Heartbeat late', tone: 'degraded' },
  missed: { headline: 'Heartbeat missed', tone: 'degraded' },
  expired: { headline: 'Node silent, inactive on chain', tone: 'down' },
};

/** A silence worth a subscription of its own ends here: a registration silent for longer is history. */
const MAX_THRESHOLD_SECONDS = 86_400;
/** Ages grow by the second; thresholds are whole minutes. */
const THRESHOLD_STEP_SECONDS = 60;

/**
 * One incident from the first late beat to the next one: late, missed and expired are levels of it, so a chat is told
 * once, sees that message kept up to date, and is told again when the node is back.
 */
export function nodeHeartbeat({
  heartbeatIntervalSeconds,
  heartbeatLateSeconds,
  heartbeatMissedSeconds,
}: NodeThresholds): Rule {
  return {
    id: 'node.heartbeat',
    family: NODE_FAMILY,
    summary: `No heartbeat on chain: late after ${duration(heartbeatLateSeconds)}, missed after ${duration(heartbeatMissedSeconds)}, expired at the registry's limit.`,
    levels: LEVELS,
    clearSeconds: 0,
    clears: 'the next heartbeat is on chain',
    threshold: {
      what: 'age of the last heartbeat',
      unit: 's',
      default: heartbeatLateSeconds,
      min: heartbeatLateSeconds,
      max: Math.max(MAX_THRESHOLD_SECONDS, heartbeatLateSeconds),
      step: THRESHOLD_STEP_SECONDS,
    },
    dependsOn: [REGISTRY_SOURCE],
    facts: 'nodes',
    samples: (facts) => registeredNodes(facts).map((node) => sampleOf(node, facts)),
    text(kind, incident, facts) {
      if (kind === 'resolved') return resolved(incident, facts);
      const { headline, tone } = HEADLINES[incident.level as keyof typeof LEVELS] ?? HEADLINES.missed;
      return nodeAlert(headline, tone, words(incident, heartbeatIntervalSeconds, facts), incident, facts);
    },
  };
}

function sampleOf(node: ReturnType<typeof registeredNodes>[number], facts: AlertFacts): Sample {
  const { health } = node;
  if (health.registration === 'disabled' || health.registration === 'pcr-revoked') {
    return nodeSample(node, facts, 'clear', { detail: { because: 'disabled' } });
  }
  if (health.heartbeatLevel === null || health.heartbeatLevel === 'fresh') {
    return nodeSample(node, facts, 'clear', { detail: { because: 'beat', teeId: health.current?.teeId } });
  }
  // Counted from now rather than from the beat: the chain's clock need not be the reader's.
  const leftSeconds = (facts.facts?.registry.heartbeatMaxAgeSeconds ?? 0) - (health.heartbeatAgeSeconds ?? 0);
  const expiresAt = toSeconds(facts.nowMs) + leftSeconds;
  const detail = {
    firstTeeId: health.current?.teeId,
    ageSeconds: health.heartbeatAgeSeconds,
    seenAt: toSeconds(facts.nowMs),
    maxAgeSeconds: facts.facts?.registry.heartbeatMaxAgeSeconds,
    expiresAt,
  };
  return nodeSample(node, facts, 'bad', {
    level: health.heartbeatLevel,
    value: health.heartbeatAgeSeconds,
    detail,
  });
}

/** A reminder comes long after the age was noted: it has grown since. */
function words({ level, detail }: Incident, intervalSeconds: number, { nowMs }: AlertFacts): Line[] {
  const sinceSeen = Math.max(0, toSeconds(nowMs) - Number(detail.seenAt));
  const age = `No heartbeat for ${duration(Number(detail.ageSeconds) + sinceSeen)}`;
  const usual = `; one is expected every ${duration(intervalSeconds)}.`;
  const limit = duration(Number(detail.maxAgeSeconds));
  if (level === 'expired') {
    return [
      [{ strong: age }, usual],
      `The registry counts it as inactive after ${limit} without one: clients do not choose it.`,
    ];
  }
  return [
    [{ strong: age }, usual],
    [`Without one it counts as inactive from `, { time: Number(detail.expiresAt) }, `, ${limit} after the last one.`],
  ];
}

function resolved(incident: Incident, facts: AlertFacts) {
  const { detail } = incident;
  if (isGone(incident))
    return nodeAlert('No longer registered', 'info', ['The registry does not list it any more.'], incident, facts);
  if (detail.because === 'disabled') {
    return nodeAlert(
      'No longer awaited',
      'info',
      ['It is disabled now, so no heartbeat is expected.'],
      incident,
      facts,
    );
  }
  const lines: Line[] = [[{ strong: 'It beats again' }, `, ${duration(lasted(incident))} after the alert.`]];
  if (detail.teeId !== undefined && detail.firstTeeId !== undefined && detail.teeId !== detail.firstTeeId) {
    lines.push(['The enclave was restarted: it has a new id, ', { code: String(detail.teeId).slice(0, 14) }, '.']);
  }
  return nodeAlert('Node is back', 'ok', lines, incident, facts);
}
