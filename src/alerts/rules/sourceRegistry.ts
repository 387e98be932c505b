import { toSeconds } from '../../lib/clock.ts';
import { CHAIN_HALTED, REGISTRY_SOURCE } from '../../lib/facts.ts';
import { duration } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Incident } from '../incident.ts';
import { lasted, NODE_FAMILY } from '../nodeRule.ts';
import type { Rule } from '../rule.ts';

/**
 * The registry says nothing new: it cannot be read, or the chain stands still. Every alert from the chain rests
 * meanwhile, and whoever listens for one is told so, once. By this bot's clock, since the chain's stands still then.
 */
export function sourceRegistry({ noticeAfterMs }: { noticeAfterMs: number }): Rule {
  const level = { severity: 'warning', forSeconds: noticeAfterMs / 1000 } as const;
  return {
    id: 'source.registry',
    family: NODE_FAMILY,
    summary: 'The registry cannot be read, or the chain is halted; alerts from the chain rest until it is over.',
    levels: { unreadable: level, halted: level },
    clearSeconds: 0,
    clears: 'the registry is read at a new block',
    threshold: null,
    dependsOn: [],
    facts: 'sources',
    tellsAdmin: true,
    samples({ sources, nowMs }) {
      const status = sources.get(REGISTRY_SOURCE);
      if (status === undefined) return [];
      const { state, failingSinceMs, shortError } = status;
      const verdict = state === 'fresh' ? 'clear' : failingSinceMs === null ? 'unknown' : 'bad';
      const sinceSeconds = toSeconds(failingSinceMs ?? nowMs);
      return [
        {
          subject: `source:${REGISTRY_SOURCE}`,
          nodeId: null,
          owner: null,
          verdict,
          level: state === 'stale' && shortError === CHAIN_HALTED ? 'halted' : 'unreadable',
          value: null,
          detail: { cause: shortError, sinceSeconds },
          atSeconds: toSeconds(nowMs),
          sinceSeconds,
        },
      ];
    },
    text(kind, incident, facts) {
      const isOver = kind === 'resolved';
      const words = isOver ? over(incident) : incident.level === 'halted' ? halted(incident) : unreadable(incident);
      return {
        ...words,
        headline: words.title,
        ...(isOver ? {} : { actions: [{ label: 'Network', command: 'network', mode: 'reply' as const }] }),
        asOf: toSeconds(facts.nowMs),
        sources: ['this bot’s own view of the registry'],
      };
    },
  };
}

type Words = Pick<View, 'title' | 'tone' | 'lines'>;

const since = ({ detail }: Incident): Line & object => ({ time: Number(detail.sinceSeconds) });

const unreadable = (incident: Incident): Words => ({
  title: 'Cannot read the node registry',
  tone: 'unknown',
  lines: [
    [
      { strong: 'How the nodes are is unknown' },
      ' since ',
      since(incident),
      `: ${String(incident.detail.cause)}.`,
    ].flat(),
    'This says nothing about the nodes themselves. Node alerts rest until the registry can be read again.',
  ],
});

const halted = (incident: Incident): Words => ({
  title: 'Chain halted',
  tone: 'unknown',
  lines: [
    [{ strong: 'The chain has produced no block' }, ' since ', since(incident), '.'].flat(),
    'No heartbeat can be recorded meanwhile, so nodes are not to blame. Node alerts rest until there are blocks again.',
  ],
});

function over(incident: Incident): Words {
  const lines = [
    incident.level === 'halted'
      ? `It stood still for ${duration(lasted(incident))} after the notice. Node alerts work again.`
      : `It was unreadable for ${duration(lasted(incident))} after the notice. Node alerts work again.`,
  ];
  const title = incident.level === 'halted' ? 'The chain produces blocks again' : 'The registry can be read again';
  return { title, tone: 'ok', lines };
}
