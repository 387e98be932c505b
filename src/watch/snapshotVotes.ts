import type { Clock } from '../lib/clock.ts';
import type { VoteReading } from '../lib/governanceFacts.ts';
import type { SnapshotHub } from '../sources/snapshot/hub.ts';
import { byCreated } from '../sources/snapshot/pages.ts';
import type { HubProposal } from '../sources/snapshot/shapes.ts';

/** What was read of one proposal's votes so far. */
interface Progress {
  /** Unix seconds: up to here all are read. */
  cursor: number;
  voters: Set<string>;
  newest: VoteReading | null;
  /** How the proposal's sums stood when all were read; null: not all are. */
  readAt: string | null;
  /** Fewer were listed than the hub counts. */
  isShort: boolean;
  /** The last look was at what came after the cursor only. */
  isPart: boolean;
}

/** New votes of one proposal, in the form in which the store takes them. */
export interface NewVotes {
  votes: VoteReading[];
  isComplete: boolean;
}

/** Reads the votes of proposals by the time at which they were cast, and goes on where it stopped. */
export class SnapshotVotes {
  readonly #hub: SnapshotHub;
  readonly #clock: Clock;
  readonly #progress = new Map<string, Progress>();

  constructor(hub: SnapshotHub, clock: Clock) {
    this.#hub = hub;
    this.#clock = clock;
  }

  /** Forgets proposals of which nothing more is asked. */
  keep(refs: ReadonlySet<string>): void {
    for (const ref of this.#progress.keys()) if (!refs.has(ref)) this.#progress.delete(ref);
  }

  /** Adds to `found` what came since it was asked last, also when that breaks off; nothing is asked while its sums stand as they were. */
  async read(proposal: HubProposal, found: Map<string, NewVotes>, untilMs: number, signal: AbortSignal): Promise<void> {
    const { id, reading } = proposal;
    const { votesCount, status } = reading;
    const sums = [status, votesCount, reading.tally].join('/');
    let progress = this.#progress.get(id);
    // Powers may be counted anew when it closes; and what was not listed in its time is not on later pages. A vote may also say that it
    // was cast days before it came: what is missing behind the cursor is looked for from the beginning, once.
    const isChanged = progress?.readAt != null && progress.readAt !== sums;
    const isShort = progress?.isShort === true;
    if (progress === undefined || (isShort && progress.isPart) || (isChanged && (status === 'closed' || isShort))) {
      progress = { cursor: 0, voters: new Set(), newest: null, readAt: null, isShort: false, isPart: false };
      this.#progress.set(id, progress);
    }
    const fresh: NewVotes = { votes: [], isComplete: false };
    found.set(id, fresh);
    if (progress.readAt !== sums) {
      progress.isPart = progress.readAt !== null;
      await this.#readOn(proposal, progress, fresh, untilMs, signal);
    } else if (progress.newest !== null) fresh.votes.push(progress.newest);
    if (fresh.isComplete) progress.readAt = sums;
    // The hub counts votes that it has not listed: they may be anybody's.
    progress.isShort = progress.readAt === sums && progress.voters.size < (votesCount ?? 0);
    fresh.isComplete = progress.readAt === sums && !progress.isShort;
  }

  async #readOn(
    proposal: HubProposal,
    progress: Progress,
    fresh: NewVotes,
    untilMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    let unreadable = 0;
    const readPage = async (from: number, skip: number) => {
      const page = await this.#hub.votes(proposal, from, skip, signal);
      unreadable += page.count - page.rows.length;
      return page;
    };
    for await (const rows of byCreated(readPage, progress.cursor)) {
      for (const { created, reading } of rows) {
        fresh.votes.push(reading);
        progress.voters.add(reading.voter);
        progress.newest = reading;
        progress.cursor = created;
      }
      if (signal.aborted || this.#clock.now() > untilMs) return;
    }
    fresh.isComplete = unreadable === 0;
  }
}
