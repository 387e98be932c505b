import type { SetReading } from '../../lib/influence.ts';

/** Makes the sets of one source, or of a few. */
export interface SetMaker {
  /** At most so often, whatever changes. */
  everyMs: number;
  /** Another than before: something was read. null: not read by this process, or cannot be read now. Cheap: it is asked every 2 s. */
  stamp(): Promise<string | null>;
  /** Those that can be made of what was read. */
  make(): Promise<SetReading[]>;
}
