import { registryLabel } from '../insight/judgeNodes.ts';
import type { HealthState } from '../insight/nodeHealth.ts';
import { toSeconds } from '../lib/clock.ts';
import { REGISTRY_SOURCE } from '../lib/facts.ts';
import { duration, plural } from '../lib/units.ts';
import type { Line, Tone, View } from '../lib/view.ts';
import {
  SEVERITIES,
  type Severity,
  type StoredIncident,
  type StoredMute,
  type StoredSubscription,
} from '../store/store.ts';
import { concerns, isAbout, isMuted } from './concerns.ts';
import { digestChart } from './digestChart.ts';
import type { DigestPeriod } from './digestPeriod.ts';
import { isNews } from './news.ts';
import { registeredNodes } from './nodeRule.ts';

const LINES_SHOWN = 10;
const TONES: Record<Severity, Tone> = { critical: 'down', warning: 'degraded', info: 'info' };
const STATES: readonly HealthState[] = ['ok', 'degraded', 'down', 'unknown'];

/** What one chat listens for, and not. */
export interface Listening {
  subscriptions: readonly StoredSubscription[];
  mutes: readonly StoredMute[];
}

/**
 * What happened in a period, for one chat: what is still on first, then what is over and how long it took, and its nodes'
 * uptime as a picture. null: it listens for nothing now. Pure. `titleOf`: what an incident is called.
 */
export function digestView(
  period: DigestPeriod,
  { subscriptions, mutes }: Listening,
  titleOf: (incident: StoredIncident) => string,
): View | null {
  const { fromMs, toMs, facts } = period;
  const heard = subscriptions.filter(({ pausedUntilMs }) => pausedUntilMs === null || pausedUntilMs <= toMs);
  if (heard.length === 0 || isMuted(mutes, '', toMs)) return null;
  const incidents = period.incidents.filter(
    (incident) => !isMuted(mutes, incident.rule, toMs) && heard.some((one) => concerns(one, incident)),
  );
  // News counts from when it happened, not until it is forgotten.
  const news = incidents.filter((incident) => isNews(incident) && (incident.firedAtMs ?? 0) >= fromMs);
  const alerts = incidents.filter((incident) => !isNews(incident));
  const open = alerts.filter(({ state }) => state === 'firing').sort(bySeverity);
  const over = alerts.filter(({ state }) => state !== 'firing');
  const nodes = registeredNodes(facts).filter(({ id, health }) =>
    heard.some((one) => isAbout(one, { nodeId: id, owner: health.current?.owner.toLowerCase() ?? null, topics: [] })),
  );
  const span = spanWords((toMs - fromMs) / 3_600_000);
  const registry = facts.facts?.registry;
  const problem = registryProblem(facts);
  return {
    title: `Digest of the last ${span}`,
    tone: open[0] !== undefined ? TONES[open[0].severity] : problem === null ? 'ok' : 'unknown',
    lines: [
      [{ strong: headline(open, over, problem === null, span) }],
      ...nodesLine(
        nodes.map(({ health }) => health.state),
        problem,
      ),
      ...listed('Still open:', open, (incident) => openLine(incident, titleOf)),
      ...listed('Over:', over, (incident) => overLine(incident, titleOf)),
      ...listed('News:', news, (incident) => newsLine(incident, titleOf)),
    ],
    ...(nodes.length === 0
      ? {}
      : {
          chart: digestChart(
            nodes.map(({ id }) => period.hours.get(id) ?? []),
            period.fromHour,
            period.toHour,
          ),
        }),
    actions: [
      { label: 'Alert history', command: 'alerts history', mode: 'reply' },
      { label: 'Network', command: 'network', mode: 'reply' },
    ],
    asOf: toSeconds(facts.facts?.readAtMs ?? toMs),
    sources: [
      ...(registry === undefined ? [] : [registryLabel(registry)]),
      'this bot’s alerts and hourly roll-ups of heartbeats and probes',
    ],
  };
}

const bySeverity = (a: StoredIncident, b: StoredIncident): number =>
  SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity);

/** `day` where it is exactly that, `1 d 3 h` where one was missed. */
const spanWords = (hours: number): string => ({ 1: 'hour', 24: 'day', 168: 'week' })[hours] ?? duration(hours * 3600);

function headline(
  open: readonly StoredIncident[],
  over: readonly StoredIncident[],
  isKnown: boolean,
  span: string,
): string {
  // Silence is calm only where something could be heard.
  if (open.length + over.length === 0)
    return `${isKnown ? 'All quiet: nothing' : 'Nothing'} fired in the last ${span}.`;
  const times = over.map(lastedSeconds).sort((a, b) => a - b);
  const half = times[Math.floor((times.length - 1) / 2)];
  const took =
    half === undefined ? '' : `, half of those within ${duration(half)}, the longest ${duration(times.at(-1) ?? 0)}`;
  return `${plural(open.length, 'alert')} still open, ${over.length} over${times.length > 1 ? took : ''}.`;
}

/** Why nothing is known about how the nodes are now; null when it is. */
function registryProblem({ sources }: DigestPeriod['facts']): string | null {
  const status = sources.get(REGISTRY_SOURCE);
  if (status?.state === 'fresh') return null;
  return status?.shortError ?? 'the registry has not been read yet';
}

function nodesLine(states: readonly HealthState[], problem: string | null): Line[] {
  if (problem !== null) return [`How the nodes are now is unknown: ${problem}.`];
  if (states.length === 0) return [];
  const nodes = plural(states.length, 'node');
  const counts = STATES.map((state) => ({ state, count: states.filter((one) => one === state).length }));
  const words = counts.filter(({ count }) => count > 0).map(({ state, count }) => `${count} ${state}`);
  return [`${nodes} now: ${words.join(', ')}.`];
}

function listed(
  title: string,
  incidents: readonly StoredIncident[],
  lineOf: (incident: StoredIncident) => Line,
): Line[] {
  if (incidents.length === 0) return [];
  const more = incidents.length - LINES_SHOWN;
  return [title, ...incidents.slice(0, LINES_SHOWN).map(lineOf), ...(more > 0 ? [`+${more} more`] : [])];
}

const openLine = (incident: StoredIncident, titleOf: (incident: StoredIncident) => string): Line => [
  '• ',
  { strong: titleOf(incident) },
  ', since ',
  { time: toSeconds(incident.firedAtMs ?? incident.updatedAtMs) },
];

const overLine = (incident: StoredIncident, titleOf: (incident: StoredIncident) => string): Line => [
  `• ${titleOf(incident)}, `,
  { time: toSeconds(incident.firedAtMs ?? incident.updatedAtMs) },
  `, over after ${duration(lastedSeconds(incident))}`,
];

const newsLine = (incident: StoredIncident, titleOf: (incident: StoredIncident) => string): Line => [
  `• ${titleOf(incident)}, `,
  { time: toSeconds(incident.firedAtMs ?? incident.updatedAtMs) },
];

const lastedSeconds = ({ firedAtMs, resolvedAtMs }: StoredIncident): number =>
  Math.max(0, ((resolvedAtMs ?? 0) - (firedAtMs ?? resolvedAtMs ?? 0)) / 1000);
