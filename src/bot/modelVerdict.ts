import type { Registration, Stage } from '../insight/registration.ts';
import { duration } from '../lib/units.ts';
import type { Line, Tone } from '../lib/view.ts';

/** What the judgement of a file comes to, for title, colour and first line. */

const stuckStage = ({ stages, stuckAt }: Registration): Stage | undefined =>
  stages.find(({ name }) => name === stuckAt);

/** `Not listed: the hub does not list it, 3 h after it was first seen stored.` */
export function pointOf(judged: Registration): Line {
  const { stages, waitingSeconds } = judged;
  const stuck = stuckStage(judged);
  if (stuck !== undefined) {
    const waiting =
      waitingSeconds === null ? '' : `, ${duration(waitingSeconds)} after it was first ${firstWords(judged)}`;
    return [{ strong: `${capital(lacking(stuck))}` }, `: ${stuck.evidence}${waiting}.`];
  }
  const open = stages.find(({ state }) => state === 'unknown');
  if (open === undefined) return [{ strong: 'It went all the way' }, ': stored, listed, complete, runnable and used.'];
  if (judged.reached === null) return [{ strong: 'Not known' }, `: ${open.evidence}.`];
  // Nobody having used it is nothing that is missing.
  if (open.name === 'used') return [{ strong: 'Nothing is missing' }, `; whether it is used: ${open.evidence}.`];
  return [{ strong: 'Nothing is known to be missing' }, `; not known is whether it is ${open.name}: ${open.evidence}.`];
}

export const isDone = ({ stages }: Registration): boolean => stages.every(({ state }) => state === 'done');

/** Of an upload that is known by its use alone that is since when it waits. */
const firstWords = ({ stages }: Registration): string =>
  stages.some(({ name, dating }) => name === 'stored' && dating === 'chain') ? 'used on chain' : 'seen stored';

const lacking = ({ name, state }: Stage): string => (state === 'withdrawn' ? `no longer ${name}` : `not ${name}`);
const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** `stored, not listed` */
export function headline(judged: Registration): string {
  const { reached } = judged;
  const stuck = stuckStage(judged);
  if (stuck === undefined) return reached ?? 'not known';
  return reached === null || reached === stuck.name ? lacking(stuck) : `${reached}, ${lacking(stuck)}`;
}

export function toneOf({ stuckAt, reached }: Registration): Tone {
  if (stuckAt !== null) return 'degraded';
  return reached === null ? 'unknown' : 'ok';
}
