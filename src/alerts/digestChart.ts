import { type Hour, type UptimeStep, uptimeSteps } from '../insight/uptime.ts';
import type { Chart, Panel } from '../lib/chart.ts';
import { plural } from '../lib/units.ts';

/** A bar or two are no picture: it shows a day at least. */
export const MIN_CHART_HOURS = 24;

/** Uptime of all of these nodes together as bars, from the chain's view and from this bot's. Pure. */
export function digestChart(nodeHours: readonly Hour[][], fromHour: number, toHour: number): Chart {
  const stepHours = stepOf(toHour - fromHour + 1);
  const steps = uptimeSteps(nodeHours.flat(), fromHour, toHour, stepHours);
  const nodes = plural(nodeHours.length, 'node');
  const panel = (title: string, name: string, pick: (step: UptimeStep) => number | null): Panel => ({
    title,
    kind: 'bars',
    unit: 'percent',
    series: [{ name, points: steps.map((step) => [step.fromSeconds, percentOf(pick(step))]) }],
  });
  return {
    title: `${nodes} together`,
    subtitle: `${toHour - fromHour + 1} h in steps of ${stepHours} h, UTC; gaps are times without data`,
    fromSeconds: fromHour * 3600,
    toSeconds: (toHour + 1) * 3600,
    panels: [
      panel('Active on chain', 'active', ({ activeShare }) => activeShare),
      panel('Reachable from this bot', 'reached', ({ reachedShare }) => reachedShare),
    ],
    alt: `Share of time active on chain, and of probes answered, of ${nodes} over ${toHour - fromHour + 1} h`,
  };
}

function stepOf(hours: number): number {
  if (hours <= 48) return 1;
  return hours <= 240 ? 6 : 24;
}

const percentOf = (share: number | null): number | null => (share === null ? null : share * 100);
