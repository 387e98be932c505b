import { epochParticipation } from '../insight/epochParticipation.ts';
import type { EpochParticipation } from '../insight/participation.ts';
import type { GaugeBook } from './gaugeBook.ts';

const made = new WeakMap<GaugeBook, readonly EpochParticipation[]>();

/** Every epoch of a book, the oldest first, at the time of its reading. Made once of each book: rules ask every second. */
export function participationOf(book: GaugeBook): readonly EpochParticipation[] {
  const known = made.get(book);
  if (known !== undefined) return known;
  const { state, eligible, reading } = book;
  const found = epochParticipation(state, eligible, reading.block.timestampSeconds, reading.clock);
  made.set(book, found);
  return found;
}
