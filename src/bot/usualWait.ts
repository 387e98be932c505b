import type { Registration } from '../insight/registration.ts';
import { judgeQueue, latenessOf, MIN_CASES } from '../insight/registrationQueue.ts';
import { duration, plural } from '../lib/units.ts';
import type { Line } from '../lib/view.ts';
import type { BotContext } from './context.ts';

/** Who waits wants to know how long others waited, and whether it is late; nothing for what does not wait to be listed. */
export async function usualWait(
  { store, clock, modelThresholds }: BotContext,
  { waitingSeconds }: Pick<Registration, 'waitingSeconds'>,
): Promise<Line[]> {
  if (waitingSeconds === null) return [];
  const nowMs = clock.now();
  const facts = await store.models.facts(nowMs);
  if (facts === null) return [];
  const { warnSeconds, criticalSeconds } = latenessOf(facts.waits, modelThresholds);
  const late =
    waitingSeconds > criticalSeconds
      ? 'That is very late'
      : waitingSeconds > warnSeconds
        ? 'That is late'
        : 'That is not late';
  const { medianSeconds, p90Seconds, cases } = judgeQueue({ nowMs, ...facts });
  const usual =
    medianSeconds === null || p90Seconds === null || cases < MIN_CASES
      ? `how long it usually takes is not known (${plural(cases, 'case')} in 7 days)`
      : `of ${plural(cases, 'upload')} listed within 7 days half waited up to ${duration(medianSeconds)}, nine in ten up to ${duration(p90Seconds)}`;
  return [`${late} (late is more than ${duration(warnSeconds)}); ${usual}.`];
}
