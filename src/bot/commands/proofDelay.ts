import { nodeLabel, shortNodeId } from '../../insight/nodeLabel.ts';
import {
  DELAY_DEFINITION,
  type Delay,
  type DelayQuantiles,
  type DelayRow,
  type DelayStep,
  delayBuckets,
  delayOf,
  delayTrend,
} from '../../insight/proofDelay.ts';
import { type ProofLabel, type ProofThresholds, proofLabel } from '../../insight/proofLabels.ts';
import type { Chart, Series } from '../../lib/chart.ts';
import type { ProofMode } from '../../lib/proofFacts.ts';
import { duration, percent, plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import { echo } from '../answers.ts';
import type { Command, Option } from '../command.ts';
import type { BotContext } from '../context.ts';
import { findNode, nodeOption } from '../findNode.ts';
import { type JudgedNode, notReadYet } from '../networkFacts.ts';
import { WINDOW_NAMES, WINDOWS, type Window } from '../nodeHours.ts';
import {
  LABEL_TONE,
  limitWords,
  MODE_WORDS,
  nodeSource,
  type ProofSources,
  type ProofWindow,
  proofsNotRead,
  proofWindow,
  readProofSources,
  sinceLines,
  windowOption,
} from '../proofView.ts';

const MODES: readonly ProofMode[] = ['batch', 'individual'];
const WORST: readonly ProofLabel[] = ['normal', 'slow', 'overdue'];

const optionalNode: Option = {
  ...nodeOption,
  summary: 'Node id, start of it, endpoint or owner; else the network',
  required: false,
  // So that a window can be typed in its place.
  check: (typed) =>
    Object.hasOwn(WINDOWS, typed.trim().toLowerCase()) ? `${echo(typed)} is a window, no node.` : null,
};

export const proofDelay: Command = {
  path: ['proof', 'delay'],
  summary: 'How long answers wait for their proof: now, over time, and by how much',
  options: [optionalNode, windowOption],
  permission: 'everyone',
  examples: ['proof delay', 'proof delay 0x12ab34cd56ef 7d'],
  async run(context, { args }): Promise<View> {
    const sources = await readProofSources(context);
    const name = (args.window ?? '24h') as Window;
    const found = ofNode(sources, args.node, name);
    if (found === null) return await notReadYet(context);
    if ('instead' in found) return found.instead;
    const { node } = found;
    const word = node === null ? '' : ` ${shortNodeId(node.health.current?.teeId ?? '')}`;
    const subject = node === null ? 'network' : nodeLabel(node);
    if (sources.facts === null) return proofsNotRead(sources, 'Proof delay', `proof delay${word} ${name}`);
    const window = await proofWindow(context, sources, name);
    const { fromHour, toHour } = window;
    const rows = await context.store.proofs.hours({ nodeId: node?.id ?? 0, fromHour, toHour });
    const delay = delayOf(rows, context.proofThresholds);
    const labels = MODES.flatMap((mode) => labelOf(mode, delay[mode], context.proofThresholds) ?? []);
    const worst = WORST.findLast((label) => labels.includes(label));
    return {
      title: `Proof delay: ${subject}, last ${name}`,
      tone: worst === undefined ? 'unknown' : LABEL_TONE[worst],
      lines: [
        [{ strong: headline(delay, name, context.proofThresholds) }],
        ...sources.warning,
        ...sinceLines(window),
        ...MODES.flatMap((mode) => modeLines(mode, delay[mode], context)),
        ...clampedLines(delay),
        `Definition: ${DELAY_DEFINITION}.`,
      ],
      ...(worst === undefined ? {} : { chart: chartOf(subject, window, rows, delay) }),
      actions: [
        ...WINDOW_NAMES.map((one) => ({ label: one, command: `proof delay${word} ${one}` })),
        node === null
          ? { label: 'Exposure', command: `proof exposure ${name}`, mode: 'reply' as const }
          : { label: 'Against the others', command: `proof node${word} ${name}`, mode: 'reply' as const },
      ],
      asOf: sources.stamp.asOf,
      sources: [...sources.stamp.sources, ...(node === null ? [] : nodeSource(sources))],
    };
  },
};

/** null: a node was named and the registry is not known yet. */
function ofNode(
  { network }: ProofSources,
  typed: string | number | undefined,
  window: Window,
): { node: JudgedNode | null } | { instead: View } | null {
  if (typed === undefined) return { node: null };
  return network && findNode(network, String(typed), (id) => `proof delay ${id} ${window}`);
}

/** Of how nine in ten fare; null without a case. */
function labelOf(mode: ProofMode, { p90Seconds }: Delay, thresholds: ProofThresholds): ProofLabel | null {
  return p90Seconds === null ? null : proofLabel(mode, p90Seconds, true, thresholds);
}

function headline(delay: Record<ProofMode, Delay>, window: Window, thresholds: ProofThresholds): string {
  const known = MODES.flatMap((mode) => {
    const { p50Seconds, p90Seconds } = delay[mode];
    if (p50Seconds === null || p90Seconds === null) return [];
    const label = labelOf(mode, delay[mode], thresholds);
    return [`${MODE_WORDS[mode]}: p50 ${duration(p50Seconds)}, p90 ${duration(p90Seconds)} (${label}).`];
  });
  if (known.length > 0) return known.join(' ');
  return `No valid proof is known of the last ${window}: the delay is not known, it is not zero.`;
}

function modeLines(mode: ProofMode, delay: Delay, { proofThresholds }: BotContext): Line[] {
  const { labels, count, p99Seconds, maxSeconds } = delay;
  if (labels === null || p99Seconds === null || maxSeconds === null) return [`${MODE_WORDS[mode]}: no case.`];
  const limits = limitWords(mode, proofThresholds);
  return [
    [
      { strong: MODE_WORDS[mode] },
      `: ${plural(count, 'answer')}; ${percent(labels.normal)} ${limits.normal}, ${percent(labels.slow)} slow, ${percent(labels.overdue)} ${limits.overdue}; p99 ${duration(p99Seconds)}, longest ${duration(maxSeconds)}.`,
    ],
  ];
}

function clampedLines(delay: Record<ProofMode, Delay>): Line[] {
  const clamped = delay.batch.clamped + delay.individual.clamped;
  return clamped === 0 ? [] : [`${clamped} of them were signed after they were settled, by their clocks: 0 s.`];
}

function chartOf(
  subject: string,
  { name, fromHour, toHour, stepHours }: ProofWindow,
  rows: readonly DelayRow[],
  delay: Record<ProofMode, Delay>,
): Chart {
  const modes = MODES.filter((mode) => delay[mode].count > 0);
  const buckets = delayBuckets(rows);
  const steps = delayTrend(rows, fromHour, toHour, stepHours);
  const unit = modes.some((mode) => (delay[mode].p90Seconds ?? 0) >= 180) ? 'min' : 's';
  const scale = unit === 'min' ? 60 : 1;
  const over = (mode: ProofMode, quantile: 'p50' | 'p90'): Series => ({
    name: `${mode} ${quantile}`,
    points: steps.map((step: DelayStep): [number, number | null] => {
      const value = step[mode][`${quantile}Seconds` satisfies keyof DelayQuantiles];
      return [step.fromSeconds, value === null ? null : value / scale];
    }),
  });
  return {
    title: `Proof delay: ${subject}`,
    subtitle: `last ${name}, UTC; grey: no proof is known`,
    fromSeconds: fromHour * 3_600,
    toSeconds: (toHour + 1) * 3_600,
    panels: [
      {
        title: 'Answers by delay',
        kind: 'columns',
        unit: 'count',
        categories: buckets.map(({ label }) => label),
        series: modes.map((mode) => ({
          name: mode,
          points: buckets.map((bucket, at): [number, number] => [at, bucket[mode]]),
        })),
      },
      {
        title: 'Over time',
        kind: 'line',
        unit,
        series: modes.flatMap((mode) => [over(mode, 'p50'), over(mode, 'p90')]),
      },
    ],
    alt: `How many answers of ${subject} waited how long for their proof in the last ${name}, and p50 and p90 of it over time`,
  };
}
