import type { NodeThresholds } from '../../insight/nodeHealth.ts';
import { toSeconds } from '../../lib/clock.ts';
import { REGISTRY_SOURCE } from '../../lib/facts.ts';
import { duration } from '../../lib/units.ts';
import type { Line, Tone } from '../../lib/view.ts';
import type { Severity } from '../../store/store.ts';
import type { Incident } from '../incident.ts';
import { isGone, lasted, NODE_FAMILY, nodeAlert, nodeSample, registeredNodes } from '../nodeRule.ts';
import type { AlertFacts, Rule, Sample } from '../rule.ts';

/** A beat a little late is not news: it must stay late for this long. Missed and expired beats are told at once. */
const LATE_FOR_SECONDS = 120;

const LEVELS = {
  late: { severity: 'info', forSeconds: LATE_FOR_SECONDS, title: 'Heartbeat late', tone: 'degraded' },
  missed: { severity: 'warning', forSeconds: 0, title: 'Heartbeat missed', tone: 'degraded' },
  expired: { severity: 'critical', forSeconds: 0, title: 'Node silent, inactive on chain', tone: 'down' },
} as const satisfies Record<string, { severity: Severity; forSeconds: number; title: string; tone: Tone }>;

type Level = keyof typeof LEVELS;

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
    dependsOn: [REGISTRY_SOURCE],
    clearSeconds: 0,
    samples: (facts) => registeredNodes(facts).map((node) => sampleOf(node, facts)),
    text(kind, incident, facts) {
      if (kind === 'resolved') return resolved(incident, facts);
      const { title, tone } = LEVELS[incident.level as Level] ?? LEVELS.missed;
      return nodeAlert(title, tone, words(incident, heartbeatIntervalSeconds), incident, facts);
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
  const { severity, forSeconds } = LEVELS[health.heartbeatLevel];
  // Counted from now rather than from the beat: the chain's clock need not be the reader's.
  const leftSeconds = (facts.facts?.registry.heartbeatMaxAgeSeconds ?? 0) - (health.heartbeatAgeSeconds ?? 0);
  const expiresAt = toSeconds(facts.nowMs) + leftSeconds;
  const detail = {
    firstTeeId: health.current?.teeId,
    ageSeconds: health.heartbeatAgeSeconds,
    maxAgeSeconds: facts.facts?.registry.heartbeatMaxAgeSeconds,
    expiresAt,
  };
  return nodeSample(node, facts, 'bad', { level: health.heartbeatLevel, severity, forSeconds, detail });
}

function words({ level, detail }: Incident, intervalSeconds: number): Line[] {
  const age = `No heartbeat for ${duration(Number(detail.ageSeconds))}`;
  const usual = `; one is expected every ${duration(intervalSeconds)}.`;
  const limit = duration(Number(detail.maxAgeSeconds));
  if (level === 'expired') {
    return [
      [{ strong: age }, usual],
      `The registry counts it as inactive since ${limit} without one: clients do not choose it.`,
    ];
  }
  return [
    [{ strong: age }, usual],
    [`Without one it counts as inactive from `, { time: Number(detail.expiresAt) }, ` (${limit} after the last).`],
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
