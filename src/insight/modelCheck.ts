import { cleanText } from '../lib/units.ts';
import type { ModelCheck, ModelCheckInput } from './modelDoctor.ts';
import { sourceWords } from './sourceWords.ts';

export const NOT_LISTED = 'it is not known to the hub';
export const LOOK_YOURSELF = 'Look at it on the hub, logged in as its author.';

/** Why what is in it is not known; null when it is. */
export function hiddenBecause({ model, sources }: ModelCheckInput): string | null {
  if (model === null) return NOT_LISTED;
  if (model.detailProblem !== null) {
    return `versions and files cannot be seen: ${cleanText(model.detailProblem, 120)}`;
  }
  if (model.detailAtMs === null) return 'its versions and files have not been read yet';
  return sourceWords(sources.hub, 'the hub');
}

export const isBlank = (text: string | null): boolean => text === null || cleanText(text, 40) === '';

export const good = (check: string, detail: string): ModelCheck => ({ check, outcome: 'holds', detail, remedy: '' });
export const bad = (check: string, detail: string, remedy: string): ModelCheck => ({
  check,
  outcome: 'fails',
  detail,
  remedy,
});
export const unknown = (check: string, detail: string, remedy = 'List it first, then ask again.'): ModelCheck => ({
  check,
  outcome: 'unknown',
  detail,
  remedy,
});

/** At most five, bounded, and how many more. */
export function names(all: readonly string[]): string {
  const shown = all.slice(0, 5).map((name) => cleanText(name, 40));
  return all.length > 5 ? `${shown.join(', ')} and ${all.length - 5} more` : shown.join(', ');
}
