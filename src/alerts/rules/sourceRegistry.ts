import { toSeconds } from '../../lib/clock.ts';
import { REGISTRY_SOURCE } from '../../lib/facts.ts';
import { duration } from '../../lib/units.ts';
import { lasted, NODE_FAMILY } from '../nodeRule.ts';
import type { Rule } from '../rule.ts';

/**
 * The registry cannot be read: every node alert rests meanwhile, and whoever listens for one is told so, once. By this
 * bot's clock, since the chain's stands still then.
 */
export function sourceRegistry({ noticeAfterMs }: { noticeAfterMs: number }): Rule {
  return {
    id: 'source.registry',
    family: NODE_FAMILY,
    summary: `The registry cannot be read for ${duration(noticeAfterMs / 1000)}; node alerts rest until it can.`,
    dependsOn: [],
    clearSeconds: 0,
    tellsAdmin: true,
    samples({ sources, nowMs }) {
      const status = sources.get(REGISTRY_SOURCE);
      if (status === undefined) return [];
      const failingMs = status.failingSinceMs === null ? 0 : nowMs - status.failingSinceMs;
      const bad = status.state !== 'fresh' && failingMs >= noticeAfterMs;
      return [
        {
          subject: `source:${REGISTRY_SOURCE}`,
          nodeId: null,
          owner: null,
          verdict: bad ? 'bad' : status.state === 'fresh' ? 'clear' : 'unknown',
          level: 'unreadable',
          severity: 'warning',
          forSeconds: 0,
          detail: { cause: status.shortError, sinceSeconds: toSeconds(status.failingSinceMs ?? nowMs) },
          atSeconds: toSeconds(nowMs),
        },
      ];
    },
    text(kind, incident, facts) {
      const asOf = toSeconds(facts.nowMs);
      const sources = ['this bot’s own view of the registry'];
      if (kind === 'resolved') {
        const lines = [`It was unreadable for ${duration(lasted(incident))} after the notice. Node alerts work again.`];
        return { title: 'The registry can be read again', tone: 'ok', lines, asOf, sources };
      }
      return {
        title: 'Cannot read the node registry',
        tone: 'unknown',
        lines: [
          [
            { strong: 'How the nodes are is unknown' },
            ' since ',
            { time: Number(incident.detail.sinceSeconds) },
            `: ${String(incident.detail.cause)}.`,
          ],
          'This says nothing about the nodes themselves. Node alerts rest until the registry can be read again.',
        ],
        actions: [{ label: 'Network', command: 'network', mode: 'reply' }],
        asOf,
        sources,
      };
    },
  };
}
