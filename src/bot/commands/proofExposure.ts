import { EXPOSURE_DEFINITION, type Exposure, type ExposureRow, exposureOf } from '../../insight/exposure.ts';
import { knownTime } from '../../insight/sharedDays.ts';
import type { Chart } from '../../lib/chart.ts';
import type { ProofMode } from '../../lib/proofFacts.ts';
import { duration, plural } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Command } from '../command.ts';
import { WINDOW_NAMES, type Window } from '../nodeHours.ts';
import {
  facilitatorSource,
  MODE_WORDS,
  type ProofWindow,
  proofsNotRead,
  proofWindow,
  readProofSources,
  sinceLines,
  unsettledWords,
  usageDaysOf,
  windowOption,
} from '../proofView.ts';

const MODES: readonly ProofMode[] = ['batch', 'individual'];

export const proofExposure: Command = {
  path: ['proof', 'exposure'],
  summary: 'How many answers were visible and unproven, for how long, and how many stay so',
  options: [windowOption],
  permission: 'everyone',
  examples: ['proof exposure', 'proof exposure 7d'],
  async run(context, { args }): Promise<View> {
    const name = (args.window ?? '24h') as Window;
    const sources = await readProofSources(context);
    if (sources.facts === null) return proofsNotRead(sources, 'Proof exposure', `proof exposure ${name}`);
    const window = await proofWindow(context, sources, name);
    const { fromHour, toHour } = window;
    const [rows, days] = await Promise.all([
      context.store.proofs.hours({ nodeId: 0, fromHour, toHour }),
      usageDaysOf(context, window),
    ]);
    const found = exposureOf(rows, days, window.known);
    return {
      title: `Proof exposure: last ${name}`,
      tone: found.signed === null ? 'unknown' : 'info',
      lines: [
        [{ strong: headline(found, name) }],
        ...sources.warning,
        ...sinceLines(window),
        ...modeLines(found),
        `Never proven: ${unsettledWords(found.neverProven, sources)}`,
        `Definition: ${EXPOSURE_DEFINITION}`,
      ],
      ...(found.signed ? { chart: chartOf(rows, window) } : {}),
      actions: [
        ...WINDOW_NAMES.map((one) => ({ label: one, command: `proof exposure ${one}` })),
        { label: 'Delay', command: `proof delay ${name}`, mode: 'reply' as const },
      ],
      asOf: sources.stamp.asOf,
      sources: [...sources.stamp.sources, ...facilitatorSource(days)],
    };
  },
};

function headline({ signed, meanUnproven }: Exposure, window: Window): string {
  if (signed === null || meanUnproven === null) {
    return `Nothing is known of settlements in the last ${window}: not known, not zero.`;
  }
  if (signed === 0) return `No valid answer signed in the last ${window} is settled so far.`;
  return `${plural(signed, 'answer')} of the last ${window} could be seen before ${signed === 1 ? 'it was' : 'they were'} proven: ${few(meanUnproven)} at a time, on average.`;
}

/** `3.2`, `0.04`: two digits that say something. */
const few = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(2)));

function modeLines({ signed, exposedSeconds, knownSeconds, byMode }: Exposure): Line[] {
  if (signed === null || exposedSeconds === null) return [];
  const each = MODES.map((mode): Line => {
    const own = byMode[mode];
    const mean = own.signed === 0 ? '' : `, ${duration(own.exposedSeconds / own.signed)} an answer`;
    return `${MODE_WORDS[mode]}: ${plural(own.signed, 'answer')}, ${amount(own.exposedSeconds)} unproven${mean}.`;
  });
  return [...each, `Together ${amount(exposedSeconds)} in ${duration(knownSeconds)}.`];
}

/** Seconds summed over answers. */
const amount = (seconds: number): string => `${Math.round(seconds).toLocaleString('en-US')} answer-seconds`;

function chartOf(rows: readonly ExposureRow[], { name, fromHour, toHour, stepHours, known }: ProofWindow): Chart {
  const time = knownTime(rows, known);
  const points: [number, number | null][] = [];
  for (let hour = fromHour; hour <= toHour; hour += stepHours) {
    const [from, to] = [hour * 3_600, (hour + stepHours) * 3_600];
    const knownSeconds = time === null ? 0 : Math.min(to, time.toSeconds) - Math.max(from, time.fromSeconds);
    const exposed = rows
      .filter((row) => row.hour >= hour && row.hour < hour + stepHours)
      .reduce((sum, { exposedSeconds }) => sum + exposedSeconds, 0);
    points.push([from, knownSeconds > 0 ? exposed / knownSeconds : null]);
  }
  return {
    title: 'Visible and unproven',
    subtitle: `last ${name}, UTC; grey: not known`,
    fromSeconds: fromHour * 3_600,
    toSeconds: (toHour + 1) * 3_600,
    panels: [
      {
        title: 'Answers at a time, on average',
        kind: 'bars',
        unit: 'count',
        series: [{ name: 'unproven', points }],
      },
    ],
    alt: `How many answers were visible and not yet proven at a time, on average, over the last ${name}`,
  };
}
