import type { SetReading } from '../../lib/influence.ts';
import { cleanText } from '../../lib/units.ts';
import { some } from './count.ts';
import { type SetInput, setReading, Weights } from './weights.ts';

const MAX_LABEL = 60;

/** What an author lists, and how often it was used. */
interface Author {
  /** Untrusted text. */
  author: string;
  models: number;
  uses: number;
}

/** Authors by the models that the hub lists of them now. */
export function publisherSet(authors: readonly Author[], input: SetInput): SetReading {
  const weights = weighed(authors, ({ models }) => models);
  return setReading('publishers', input, { symbol: 'models', decimals: 0 }, weights.members(), []);
}

/** Authors by how often files of theirs were seen in use. */
export function useSet(
  authors: readonly Author[],
  { unlistedUses, sharedFiles, ...input }: SetInput & { unlistedUses: number; sharedFiles: number },
): SetReading {
  const weights = weighed(authors, ({ uses }) => uses);
  return setReading('use', input, { symbol: 'uses', decimals: 0 }, weights.members(), [
    some(unlistedUses, 'use', 'of files that no model is known to have'),
    some(sharedFiles, 'file', 'of several authors: counted for whom it was first seen listed'),
  ]);
}

function weighed(authors: readonly Author[], weightOf: (author: Author) => number): Weights {
  const weights = new Weights();
  for (const each of authors) {
    const label = cleanText(each.author, MAX_LABEL);
    weights.add(each.author.toLowerCase(), BigInt(weightOf(each)), label || '(no name)');
  }
  return weights;
}
