import type { GovThresholds } from '../../insight/govThresholds.ts';
import { toSeconds } from '../../lib/clock.ts';
import type { GovernanceNetwork } from '../../lib/governanceNetwork.ts';
import { SET_WORDS, type SetKind, type SetMetrics } from '../../lib/influence.ts';
import { cleanText, percent } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { SetDay } from '../../store/setRepository.ts';
import type { GaugeBook } from '../gaugeBook.ts';
import { GOV_NEWS } from '../govNews.ts';
import { networkButton } from '../govRule.ts';
import type { Incident } from '../incident.ts';
import type { AlertFacts, Rule, Sample } from '../rule.ts';

type Shift = AlertFacts['shifts'][number];

interface Change {
  kind: 'nakamoto-third' | 'nakamoto-half' | 'top1-third' | 'top1-half' | 'hhi';
  was: number;
  is: number;
  /** What it is compared with. */
  thenMs: number;
}

/** A set of those that have a say became more concentrated. By whole numbers: Nakamoto's are strict, so 1 says that one passed it. */
export const govConcentration = (thresholds: GovThresholds, networks: readonly GovernanceNetwork[]): Rule => ({
  ...GOV_NEWS,
  id: 'gov.concentration',
  summary: `Influence shifts to fewer: a Nakamoto coefficient falls, one passes 1/3 or 1/2, or HHI rises ${thresholds.hhiRisePercent} % in a week.`,
  levels: { shift: { severity: 'info', forSeconds: 0 } },
  facts: 'sets',
  readFrom: 'daily snapshots of every set',
  samples: (facts) => facts.shifts.flatMap((shift) => samplesOf(shift, facts, thresholds, networks)),
  text: (_kind, incident) => shifted(incident),
});

function samplesOf(
  shift: Shift,
  { nowMs, gauges }: AlertFacts,
  { hhiRisePercent }: GovThresholds,
  networks: readonly GovernanceNetwork[],
): Sample[] {
  const { set, today } = shift;
  const network = networks.find(({ name }) => set.startsWith(`${name}.`));
  const kind = set.slice(set.indexOf('.') + 1) as SetKind;
  // A day that is over has been told.
  if (network === undefined || SET_WORDS[kind] === undefined || today.day !== dayOf(nowMs)) return [];
  const { latest, about, readAtMs } = today;
  const changes = changesOf(shift, hhiRisePercent);
  if (changes.length > 0 && OF_VOTES.includes(kind) && gauges.some((book) => isOf(book, network) && beginsAnew(book)))
    return [];
  return changes.map((change) => ({
    subject: `shift:${set}:${change.kind}:${today.day}`,
    ...{ nodeId: null, owner: null, value: null, topics: [`network:${network.name}`] },
    ...{ verdict: 'bad', level: 'shift' },
    detail: {
      label: `${SET_WORDS[kind].title} of ${network.title}`,
      ...{ set, kind, network: network.name, networkTitle: network.title, change, count: latest.count },
      ...{ readAtSeconds: toSeconds(readAtMs), sourceWords: cleanText(about.words, 200) },
      left: about.left.slice(0, 5).map((one) => cleanText(one, 120)),
    },
    atSeconds: toSeconds(nowMs),
  }));
}

function changesOf({ today, before, weekAgo }: Shift, hhiRisePercent: number): Change[] {
  const now = today.latest;
  const [then, thenMs] = before === null ? [today.opening, today.openAtMs] : [before.latest, before.readAtMs];
  const fell = (key: 'nakamotoThird' | 'nakamotoHalf', of: 'third' | 'half'): Change[] => {
    const [was, is] = [then[key], now[key]];
    if (was === null || is === null || is >= was) return [];
    // One that passes it by itself is said so.
    return is === 1
      ? [{ kind: `top1-${of}`, was: then.top1 ?? 0, is: now.top1 ?? 0, thenMs }]
      : [{ kind: `nakamoto-${of}`, was, is, thenMs }];
  };
  const half = fell('nakamotoHalf', 'half');
  // Whoever passes a half has passed a third.
  const third = half.some(({ kind }) => kind === 'top1-half') ? [] : fell('nakamotoThird', 'third');
  return [...third, ...half, ...rise(now, weekAgo, hhiRisePercent)];
}

function rise(now: SetMetrics, weekAgo: SetDay | null, hhiRisePercent: number): Change[] {
  const was = weekAgo?.latest.hhi ?? null;
  if (weekAgo === null || was === null || now.hhi === null || was <= 0) return [];
  if (now.hhi * 100 < was * (100 + hhiRisePercent)) return [];
  return [{ kind: 'hhi', was, is: now.hhi, thenMs: weekAgo.readAtMs }];
}

/** Sets of what stands on gauges. */
const OF_VOTES: readonly SetKind[] = ['gauge-voters', 'gauges'];

const isOf = ({ source }: GaugeBook, { origins }: GovernanceNetwork): boolean =>
  origins.some((origin) => origin.source === source);

/** A season, or an epoch, took all votes back, and the vote is still open: the first who votes again is everybody, and that is no shift. */
function beginsAnew({ state, reading: { clock, block } }: GaugeBook): boolean {
  if (clock === null || block.timestampSeconds >= clock.voteEndSeconds) return false;
  return [...state.standing.values()].every((votes) => [...votes.values()].every(({ epoch }) => epoch === clock.epoch));
}

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

function shifted({ detail }: Incident): View {
  const kind = String(detail.kind) as SetKind;
  const { entity, weight } = SET_WORDS[kind];
  const left = detail.left as string[];
  const headline = 'Influence shifted to fewer';
  return {
    headline,
    title: `${headline}: ${String(detail.label)}`,
    tone: 'degraded',
    lines: [
      pointOf(detail.change as Change, entity),
      `Counted: ${String(detail.count)}, each one ${entity}, by ${weight}.`,
      ...(left.length === 0 ? [] : [`Left out: ${left.join('; ')}.`]),
      'Wallets are not people: one person may have several.',
    ],
    actions: [
      networkButton('Influence', `influence show ${kind}`, detail),
      networkButton('Trend', `influence trend ${kind}`, detail),
    ],
    asOf: Number(detail.readAtSeconds),
    sources: [String(detail.sourceWords)],
  };
}

function pointOf({ kind, was, is, thenMs }: Change, entity: string): Line {
  const then = { time: toSeconds(thenMs) };
  const of = kind.endsWith('third') ? '1/3' : '1/2';
  if (kind === 'hhi') {
    const shown = (hhi: number): string => String(Math.round(hhi));
    const more = `${Math.round((is / was - 1) * 100)} %`;
    return [
      { strong: `Concentration (HHI) rose by ${more} to ${shown(is)}` },
      ` of 10,000; it was ${shown(was)} `,
      then,
      '.',
    ];
  }
  if (kind.startsWith('top1')) {
    return [
      { strong: `One ${entity} has more than ${of}: ${percent(is)}` },
      `; the largest had ${percent(was)} `,
      then,
      '.',
    ];
  }
  return [
    { strong: `${is} together have more than ${of}` },
    ` (Nakamoto coefficient, strict); it took ${was} `,
    then,
    '.',
  ];
}
