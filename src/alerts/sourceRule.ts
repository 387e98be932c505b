import { toSeconds } from '../lib/clock.ts';
import { CHAIN_HALTED } from '../lib/facts.ts';
import { duration } from '../lib/units.ts';
import type { View } from '../lib/view.ts';
import type { Incident } from './incident.ts';
import { lasted } from './nodeRule.ts';
import type { AlertFacts, Rule, Sample } from './rule.ts';

/** One source, as its notice names it. */
export interface NoticedSource {
  source: string;
  /** `the model hub`. */
  name: string;
  severity: 'info' | 'warning';
  /** What is unknown meanwhile, and what rests. A sentence. */
  meaning: string;
  /** Whom else it concerns than everybody of its family; absent: nobody. */
  topics?: readonly string[];
}

interface Options {
  id: string;
  family: string;
  summary: string;
  sources: readonly NoticedSource[];
  /** Whether the operator configured it: one that was turned off is not one that fails. */
  isAsked(source: string): boolean;
  noticeAfterMs: number;
}

/**
 * Sources that cannot be read: whoever listens for what is read from them is told so once, with what rests meanwhile. By this bot's
 * clock and for as long as it has looked itself: what failed before a restart is not news of the first second after it.
 */
export function sourceRule({ id, family, summary, sources, isAsked, noticeAfterMs }: Options): Rule {
  const forSeconds = noticeAfterMs / 1000;
  const named = new Map(sources.map((one) => [`source:${one.source}`, one]));
  const levels = {
    limited: { severity: 'info', forSeconds },
    unreadable: { severity: 'warning', forSeconds },
  } as const;
  const used = new Set(sources.map(levelOf));
  return {
    ...{ id, family, summary },
    levels: Object.fromEntries(Object.entries(levels).filter(([level]) => used.has(level))),
    clearSeconds: 0,
    clears: 'it can be read again',
    threshold: null,
    dependsOn: [],
    facts: 'sources',
    samples: (facts) => sources.filter(({ source }) => isAsked(source)).flatMap((one) => sampleOf(one, facts)),
    text(kind, incident, facts) {
      const source = named.get(incident.subject);
      return kind === 'resolved' ? over(incident, source, facts) : unreadable(incident, source, facts);
    },
  };
}

const levelOf = ({ severity }: NoticedSource): string => (severity === 'warning' ? 'unreadable' : 'limited');

function sampleOf(noticed: NoticedSource, { sources, nowMs }: AlertFacts): Sample[] {
  const status = sources.get(noticed.source);
  if (status === undefined) return [];
  const { state, failingSinceMs, lastAttemptAtMs, shortError } = status;
  const isFailing = state === 'failing' || (state === 'stale' && shortError === CHAIN_HALTED);
  return [
    {
      subject: `source:${noticed.source}`,
      nodeId: null,
      owner: null,
      ...(noticed.topics === undefined ? {} : { topics: noticed.topics }),
      verdict: isFailing ? 'bad' : state === 'fresh' ? 'clear' : 'unknown',
      level: levelOf(noticed),
      value: null,
      detail: { label: noticed.name, cause: shortError, sinceSeconds: toSeconds(failingSinceMs ?? nowMs) },
      // Time in which nobody asked does not count: the first second after a restart knows what was known before it.
      atSeconds: toSeconds(isFailing ? (lastAttemptAtMs ?? nowMs) : nowMs),
    },
  ];
}

const frame = (title: string, facts: AlertFacts): Omit<View, 'tone' | 'lines'> => ({
  title,
  headline: title,
  asOf: toSeconds(facts.nowMs),
  sources: ['this bot’s own view of its sources'],
});

function unreadable({ detail, subject }: Incident, source: NoticedSource | undefined, facts: AlertFacts): View {
  return {
    ...frame(`Cannot read ${source?.name ?? subject}`, facts),
    tone: 'unknown',
    lines: [
      [
        { strong: `Unreadable from this bot` },
        ' since ',
        { time: Number(detail.sinceSeconds) },
        `: ${String(detail.cause ?? 'no answer')}.`,
      ],
      ...(source === undefined ? [] : [source.meaning]),
    ],
    actions: [{ label: 'Network', command: 'network', mode: 'reply' }],
  };
}

function over(incident: Incident, source: NoticedSource | undefined, facts: AlertFacts): View {
  const name = source?.name ?? incident.subject;
  const isGone = incident.detail.because === 'gone';
  return {
    ...frame(isGone ? `No longer asked: ${name}` : `Can be read again: ${name}`, facts),
    tone: isGone ? 'info' : 'ok',
    lines: [
      isGone
        ? 'The operator has turned this source off; what is read from it is unknown.'
        : `It was unreadable for ${duration(lasted(incident))} after the notice. Its alerts work again.`,
    ],
  };
}
