import { REMINDER_STEPS, type ReminderStep } from './reminderSteps.ts';
import type { Sample } from './rule.ts';

/** A chain that is further behind counts as halted: by so much a clock may go back between two answers of it. */
const MARGIN_SECONDS = 120;

/** A time in which can be voted, by the clock of its source. */
export interface Voting {
  startSeconds: number | null;
  endSeconds: number;
  clockSeconds: number;
  /** Votes are taken now; a status that is not known counts as no. */
  isOpen: boolean;
  /** What the end was before its last change, and when that was seen. */
  previous: { endSeconds: number; changedAtSeconds: number } | null;
}

/**
 * What a reminder of that step says of a vote; null: nothing, as it is far from its end, or never lasted longer than the step. Due from the step before
 * the end until the next one, so that of several steps only the nearest is told. While it is due and told, its incident stays
 * open: that is what remembers it. Pure. An end that is moved while the reminder is due, or after it was, by no more than the step
 * reminds nobody again.
 */
export function reminderOf(step: ReminderStep, voting: Voting): Pick<Sample, 'verdict' | 'onlyIfOpen'> | null {
  const { startSeconds, endSeconds, clockSeconds, isOpen, previous } = voting;
  if (startSeconds !== null && endSeconds - startSeconds <= step.seconds) return null;
  const left = endSeconds - clockSeconds;
  const next = nextStep(step);
  if (left <= next) return null;
  // Only an end that was moved can have been nearer before.
  if (left > 2 * step.seconds) return previous === null ? null : { verdict: 'clear' };
  if (left > step.seconds || !isOpen) return { verdict: 'unknown' };
  const wasDue =
    previous !== null &&
    previous.endSeconds - previous.changedAtSeconds <= step.seconds &&
    endSeconds - previous.endSeconds <= step.seconds;
  return { verdict: 'bad', onlyIfOpen: wasDue || left <= next + MARGIN_SECONDS };
}

/** Seconds before the end from which on the next step speaks; 0 after the last one. */
export const nextStep = ({ seconds }: ReminderStep): number =>
  REMINDER_STEPS.find((other) => other.seconds < seconds)?.seconds ?? 0;
