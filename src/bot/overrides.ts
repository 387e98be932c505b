import type { View } from '../lib/view.ts';
import { type Overrides, SEVERITIES } from '../store/store.ts';
import { errorView } from './answers.ts';
import type { Call, Option } from './command.ts';
import { durationOption, secondsOf } from './durations.ts';
import { mentionOption, readMention } from './mentions.ts';
import { readSteps, stepsOption } from './steps.ts';

/** How long a subscription may wait with what has fired. */
export const DELAY = { minSeconds: 10, maxSeconds: 7 * 86_400 };

/** Options by which a subscription changes its rules' defaults. */
export const overrideOptions: readonly Option[] = [
  { name: 'severity', summary: 'Told from this severity on', type: 'text', required: false, choices: SEVERITIES },
  durationOption('after', 'Told only when it has lasted this long, e.g. 10m; none for at once', {
    ...DELAY,
    words: ['none'],
  }),
  mentionOption,
  stepsOption,
];

/** The overrides that were given for an alert about that, as they are stored; or why they cannot be. */
export async function readOverrides(
  call: Pick<Call, 'args' | 'caller' | 'place'>,
  about: { family: string; rule: string },
): Promise<Partial<Overrides> | { instead: View }> {
  const { severity, after, mention, steps } = call.args;
  const chosen = steps === undefined ? null : readSteps(about, steps);
  if (chosen !== null && 'problem' in chosen) return { instead: errorView('That did not fit', [chosen.problem]) };
  const called = mention === undefined ? undefined : await readMention(String(mention), call);
  if (typeof called === 'object') return called;
  return {
    ...(severity === undefined ? {} : { floor: severity as Overrides['floor'] }),
    ...(after === undefined ? {} : { delaySeconds: secondsOf(after) }),
    ...(called === undefined ? {} : { mention: called }),
    ...(chosen === null ? {} : chosen),
  };
}
