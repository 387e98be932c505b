import { isNews } from '../../alerts/news.ts';
import type { HealthState } from '../../insight/nodeHealth.ts';
import { toSeconds } from '../../lib/clock.ts';
import type { SourceStatus } from '../../lib/facts.ts';
import { duration, plural } from '../../lib/units.ts';
import type { Field, Line, Tone, View } from '../../lib/view.ts';
import type { StoredIncident } from '../../store/store.ts';
import type { Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { type NetworkFacts, notReadYet, readNetwork } from '../networkFacts.ts';
import { STATES } from '../nodeStates.ts';
import { type Lags, readLags, sourceFields } from '../sourceFields.ts';

const INCIDENTS_SHOWN = 10;

export const network: Command = {
  path: ['network'],
  summary: 'The network at a glance: nodes by state, open incidents, and how fresh this is',
  options: [],
  permission: 'everyone',
  examples: ['network'],
  async run(context): Promise<View> {
    const facts = await readNetwork(context);
    if (facts === null) return await notReadYet(context);
    const { store } = context;
    const [sources, incidents, queue, lags] = await Promise.all([
      store.sources.list(),
      store.incidents.open(),
      store.deliveries.backlog(),
      readLags(context, facts),
    ]);
    const counts = countStates(facts);
    const firing = incidents.filter((incident) => incident.state === 'firing' && !isNews(incident));
    return {
      title: 'OpenGradient network',
      tone: facts.nodes.length === 0 ? 'info' : toneOf(counts),
      lines: [...facts.warning, [{ strong: headline(counts, facts.nodes.length) }], ...incidentLines(firing)],
      fields: [
        ...fieldsOf(context, facts, counts, sources, lags),
        { name: 'Alerts to send', value: queueText(queue, context.clock.now()) },
      ],
      actions: [
        { label: 'Refresh', command: 'network' },
        { label: 'Nodes', command: 'node list', mode: 'reply' },
        ...(counts.down > 0 ? [{ label: 'Down', command: 'node list down', mode: 'reply' as const }] : []),
      ],
      ...facts.stamp,
    };
  },
};

type Counts = Record<HealthState, number>;

function countStates({ nodes }: NetworkFacts): Counts {
  const counts: Counts = { ok: 0, degraded: 0, down: 0, unknown: 0 };
  for (const { health } of nodes) counts[health.state] += 1;
  return counts;
}

function toneOf({ ok, degraded, down, unknown }: Counts): Tone {
  if (unknown > 0 && ok + degraded + down === 0) return 'unknown';
  if (down > 0 && down >= ok) return 'down';
  return down + degraded + unknown > 0 ? 'degraded' : 'ok';
}

function headline(counts: Counts, total: number): string {
  if (total === 0) return 'The registry lists no nodes.';
  if (counts.unknown === total) return `How the ${plural(total, 'node')} are is unknown now.`;
  return `${counts.ok} of ${plural(total, 'node')} ok${counts.degraded ? `, ${counts.degraded} degraded` : ''}${counts.down ? `, ${counts.down} down` : ''}.`;
}

function incidentLines(firing: readonly StoredIncident[]): Line[] {
  if (firing.length === 0) return ['No open incidents.'];
  return [
    `${plural(firing.length, 'open incident')}:`,
    ...firing
      .slice(0, INCIDENTS_SHOWN)
      .map(
        (incident): Line => [
          '• ',
          `${incident.rule} ${incident.level}: ${String(incident.detail.label ?? incident.subject)}, since `,
          { time: toSeconds(incident.firedAtMs ?? incident.updatedAtMs) },
        ],
      ),
    ...(firing.length > INCIDENTS_SHOWN ? [`+${firing.length - INCIDENTS_SHOWN} more`] : []),
  ];
}

function fieldsOf(
  context: BotContext,
  { facts, nodes }: NetworkFacts,
  counts: Counts,
  sources: readonly SourceStatus[],
  lags: Lags,
): Field[] {
  const now = context.clock.now();
  const { block } = facts.registry;
  const byType = facts.registry.types
    .map(({ id, name }) => ({ name, count: nodes.filter(({ health }) => health.current?.teeType === id).length }))
    .filter(({ count }) => count > 0);
  return [
    { name: 'Nodes', value: STATES.map((state) => `${counts[state]} ${state}`).join(' · ') },
    { name: 'Types', value: byType.map(({ name, count }) => `${count} ${name}`).join(' · ') || 'none' },
    { name: 'Head', value: [`block ${block.number}, made `, { time: block.timestampSeconds }] },
    ...sourceFields(context, sources, lags, now),
  ];
}

function queueText({ count, oldestAtMs }: { count: number; oldestAtMs: number | null }, nowMs: number): string {
  return count === 0 ? 'none' : `${count}, the oldest waits for ${duration((nowMs - (oldestAtMs ?? nowMs)) / 1000)}`;
}
