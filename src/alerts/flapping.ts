import { duration } from '../lib/units.ts';
import type { Line } from '../lib/view.ts';
import type { Incident } from './incident.ts';

/** Fires and resolves of one rule and subject within this time are counted. */
export const FLAP_WINDOW_MS = 3_600_000;
/** More turns than this, and the next fire is one unstable incident. */
export const STEADY_TURNS = 4;
/** An unstable incident is over when its subject has been clear for this long without a break. */
export const CALM_SECONDS = 1_800;

/** Whether what fires now, after so many turns within the window, is to be one unstable incident. */
export const isFlapping = (turns: number): boolean => turns > STEADY_TURNS;

/** Seconds of `clear` before an incident resolves. */
export const clearSecondsOf = ({ unstable }: Pick<Incident, 'unstable'>, clearSeconds: number): number =>
  unstable ? Math.max(clearSeconds, CALM_SECONDS) : clearSeconds;

/** What is said of an unstable incident besides what its rule says. `detail.turns` counts this fire as well. */
export function flappingLine({ state, detail }: Incident): Line {
  const calm = duration(CALM_SECONDS);
  const turned = `fired or cleared ${Number(detail.turns)} times within an hour`;
  return state === 'resolved'
    ? `Before this alert it had ${turned}; it has been calm for ${calm} now.`
    : [{ strong: 'Unstable' }, `: it ${turned}. One alert until it has been calm for ${calm}.`];
}
