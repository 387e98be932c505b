import { beatHours } from '../lib/beatHours.ts';
import { mergeHistograms, quantile } from '../lib/histogram.ts';

/** One hour of one node, as the store keeps it. */
export interface Hour {
  hour: number;
  coveredSeconds: number;
  activeSeconds: number;
  probes: number;
  reached: number;
  latencyHistogram: Uint8Array | null;
}

export interface Uptime {
  /** Share of the covered time in which the registry counted the node as active; null when nothing is covered. */
  activeShare: number | null;
  coveredSeconds: number;
  /** Share of probes answered as they should, from this bot; null when none was made. */
  reachedShare: number | null;
  probes: number;
  latencyP50Ms: number | null;
  latencyP95Ms: number | null;
}

export const UPTIME_DEFINITION =
  'on-chain: share of time with a heartbeat younger than the registry’s limit; reachable: share of this bot’s probes answered';

/** All of a window in one. Pure; the order of hours does not matter. */
export function uptime(hours: readonly Hour[]): Uptime {
  let active = 0;
  let covered = 0;
  let probes = 0;
  let reached = 0;
  for (const hour of hours) {
    active += hour.activeSeconds;
    covered += hour.coveredSeconds;
    probes += hour.probes;
    reached += hour.reached;
  }
  const histogram = mergeHistograms(hours.map(({ latencyHistogram }) => latencyHistogram));
  return {
    activeShare: covered > 0 ? Math.min(1, active / covered) : null,
    coveredSeconds: covered,
    reachedShare: probes > 0 ? reached / probes : null,
    probes,
    latencyP50Ms: quantile(histogram, 0.5),
    latencyP95Ms: quantile(histogram, 0.95),
  };
}

/** The time since the last heartbeat is in no roll-up yet: it is added as hours of its own. */
export function withOpenGap(
  hours: readonly Hour[],
  lastBeatAtSeconds: number | null,
  chainSeconds: number,
  heartbeatMaxAgeSeconds: number,
): Hour[] {
  if (lastBeatAtSeconds === null) return [...hours];
  const open = beatHours(lastBeatAtSeconds, chainSeconds, heartbeatMaxAgeSeconds);
  return [...hours, ...open.map((part) => ({ ...part, probes: 0, reached: 0, latencyHistogram: null }))];
}

export interface UptimeStep extends Uptime {
  fromSeconds: number;
}

/** A window in steps of `stepHours` from its first hour on, oldest first; a step without data has nulls, never zeros. */
export function uptimeSteps(hours: readonly Hour[], fromHour: number, toHour: number, stepHours: number): UptimeStep[] {
  const steps: UptimeStep[] = [];
  const byStep = Map.groupBy(hours, ({ hour }) => Math.floor((hour - fromHour) / stepHours));
  for (let step = 0; fromHour + step * stepHours <= toHour; step += 1) {
    steps.push({ fromSeconds: (fromHour + step * stepHours) * 3600, ...uptime(byStep.get(step) ?? []) });
  }
  return steps;
}
