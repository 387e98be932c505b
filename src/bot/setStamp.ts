import { HOLDERS_UNATTENDED_MS } from '../insight/currentStatus.ts';
import { toSeconds } from '../lib/clock.ts';
import type { SetKind } from '../lib/influence.ts';
import { duration } from '../lib/units.ts';
import type { Line, View } from '../lib/view.ts';
import type { BotContext } from './context.ts';
import type { FoundSet } from './influenceSets.ts';

const MINUTE_MS = 60_000;

/** What says the same is kept again every ten minutes; of an older reading it is said. An explorer is asked more seldom. */
const oldMs = (kind: SetKind): number => (kind === 'holders' ? HOLDERS_UNATTENDED_MS : 30 * MINUTE_MS);

/** When and where a set was read, and a warning where that is long ago. */
export function setStamp(
  { clock }: BotContext,
  { kind, title, day: { about, readAtMs } }: FoundSet,
): Pick<View, 'asOf' | 'sources'> & { asOf: number; warning: Line[] } {
  const age = clock.now() - readAtMs;
  return {
    asOf: toSeconds(readAtMs),
    sources: [about.words],
    warning:
      age <= oldMs(kind)
        ? []
        : [[{ strong: 'This is not from now' }, `: ${title} could last be read ${duration(age / 1000)} ago.`]],
  };
}
