import { toSeconds } from '../lib/clock.ts';
import { AssayError } from '../lib/errors.ts';
import { isClosed, PART_OF, PROPOSAL_STATUSES, type ProposalReading } from '../lib/governanceFacts.ts';
import type { SnapshotRow } from '../lib/governanceRow.ts';
import { SnapshotHub } from '../sources/snapshot/hub.ts';
import { byCreated } from '../sources/snapshot/pages.ts';
import type { HubProposal } from '../sources/snapshot/shapes.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import { READING_HISTORY } from './followLogs.ts';
import type { GovernanceTools } from './governanceTools.ts';
import { type NewVotes, SnapshotVotes } from './snapshotVotes.ts';
import { canceled, Withdrawn } from './withdrawn.ts';

const DAY_SECONDS = 86_400;
/** Closed ones are looked at again for so long: their sums may be counted anew. */
const SETTLING_SECONDS = 2 * DAY_SECONDS;
/** Votes of older ones are not read. */
const HISTORY_SECONDS = 365 * DAY_SECONDS;

/**
 * `created` is what the message says, which may be so old, or minutes ahead, when the hub takes it (snapshot-sequencer, ingestor.ts):
 * proposals are looked for so far behind the newest one.
 */
const LATE_SECONDS = 3 * DAY_SECONDS + 600;

/** A round ends after this, and the next one goes on. */
const ROUND_MS = 30_000;
/** When a hub that asks for fewer questions does not say for how long. */
const PAUSE_MS = 60_000;
/** Ids in one question. */
const TOGETHER = 100;

const OPEN = PROPOSAL_STATUSES.filter((status) => !isClosed(status));
const MAX_OPEN = 1_000;

/** What one round read. */
interface Found {
  proposals: Map<string, HubProposal>;
  votes: Map<string, NewVotes>;
  /** Stored as open, and deleted at the hub. */
  gone: ProposalReading[];
}

/** Follows the proposals and votes of one Snapshot space. */
export const snapshotCollector = (row: SnapshotRow, tools: GovernanceTools): Collector =>
  new SnapshotCollector(row, tools);

/**
 * At first every proposal of the space; then each round the new ones, and those anew that are not over, with the votes that
 * came; and while there is time, the votes of those that closed within the last year, the newest first.
 */
class SnapshotCollector implements Collector {
  readonly source: string;
  readonly everyMs: number;
  readonly #tools: GovernanceTools;
  readonly #hub: SnapshotHub;
  readonly #votes: SnapshotVotes;
  /** Of the first listing: what was listed, until all was; null once it is over. */
  #listing: Map<string, HubProposal> | null = new Map();
  /** Unix seconds: proposals up to here are listed. */
  #cursor = 0;
  /** Those that are asked for again. */
  readonly #open = new Map<string, HubProposal>();
  /** Closed ones whose votes are still to be read, oldest first. */
  #backlog: HubProposal[] = [];
  readonly #withdrawn: Withdrawn;
  #pause: { untilMs: number; sinceMs: number; error: AssayError } | null = null;
  #listingSinceMs: number | null = null;

  constructor(row: SnapshotRow, tools: GovernanceTools) {
    this.source = `${row.network}.${PART_OF[row.kind]}`;
    this.everyMs = row.intervalMs;
    this.#tools = tools;
    this.#hub = new SnapshotHub({ ...row, clock: tools.clock });
    this.#votes = new SnapshotVotes(this.#hub, tools.clock);
    this.#withdrawn = new Withdrawn(tools.clock);
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const { clock } = this.#tools;
    const startedAtMs = clock.now();
    if (this.#pause !== null && startedAtMs < this.#pause.untilMs) return asBusy(this.#pause);
    const found: Found = { proposals: new Map(), votes: new Map(), gone: [] };
    try {
      await this.#look(found, startedAtMs + ROUND_MS, signal);
    } catch (error) {
      // What was read so far is true; nothing at all is no reading.
      if (found.proposals.size > 0 || found.gone.length > 0) await this.#save(found);
      return this.#refused(error);
    }
    await this.#save(found);
    this.#pause = null;
    if (this.#listing === null) return { kind: 'fresh' };
    this.#listingSinceMs ??= startedAtMs;
    return { kind: 'stale', shortError: READING_HISTORY, sinceMs: this.#listingSinceMs };
  }

  async #look(found: Found, untilMs: number, signal: AbortSignal): Promise<void> {
    const { clock, store } = this.#tools;
    const isOver = (): boolean => signal.aborted || clock.now() > untilMs;
    const from = Math.max(0, this.#cursor - LATE_SECONDS);
    const pages = byCreated((createdFrom, skip) => this.#hub.proposals(createdFrom, skip, signal), from);
    for await (const rows of pages) {
      for (const proposal of rows) {
        (this.#listing ?? found.proposals).set(proposal.id, proposal);
        this.#cursor = Math.max(this.#cursor, proposal.created);
      }
      if (isOver()) return;
    }
    if (this.#listing !== null) this.#listed(this.#listing, found.proposals);
    this.#sort(found.proposals);
    if (!(await this.#askAgain(found, isOver, signal))) return;
    this.#sort(found.proposals);
    this.#votes.keep(new Set([...this.#open.keys(), ...this.#backlog.map(({ id }) => id)]));
    for (const proposal of this.#open.values()) {
      if (isOver()) return;
      // One that the hub did not list this time says nothing about its votes.
      if (!found.proposals.has(proposal.id) || proposal.reading.status === 'pending') continue;
      await this.#votes.read(proposal, found.votes, untilMs, signal);
    }
    for (let next = this.#backlog.at(-1); next !== undefined && !isOver(); next = this.#backlog.at(-1)) {
      const stored = await store.governance.findProposal([this.source], next.id);
      const endMs = (next.reading.endAtSeconds ?? 0) * 1000;
      if ((stored?.votesReadAtMs ?? 0) < endMs) {
        await this.#votes.read(next, found.votes, untilMs, signal);
        // Stopped halfway: the next round goes on.
        if (isOver()) return;
      }
      this.#backlog.pop();
    }
  }

  /** Asks by id for what is not over, and was not listed; also what was stored by an earlier run. false: no time for all of it. */
  async #askAgain(found: Found, isOver: () => boolean, signal: AbortSignal): Promise<boolean> {
    const query = { sources: [this.source], statuses: OPEN, limit: MAX_OPEN, offset: 0 };
    const stored = new Map((await this.#tools.store.governance.proposals(query)).rows.map((row) => [row.ref, row]));
    const asked = [...new Set([...this.#open.keys(), ...stored.keys()])].filter((id) => !found.proposals.has(id));
    const unlisted: string[] = [];
    for (let at = 0; at < asked.length; at += TOGETHER) {
      if (isOver()) return false;
      const again = await this.#hub.some(asked.slice(at, at + TOGETHER), signal);
      for (const proposal of again.proposals) found.proposals.set(proposal.id, proposal);
      unlisted.push(...again.unlisted);
    }
    for (const id of this.#withdrawn.note(unlisted)) {
      this.#open.delete(id);
      const open = stored.get(id);
      if (open !== undefined) found.gone.push(canceled(open));
    }
    return true;
  }

  /** The first listing is over: only now it is known what was there at first. */
  #listed(listing: ReadonlyMap<string, HubProposal>, found: Map<string, HubProposal>): void {
    const now = toSeconds(this.#tools.clock.now());
    for (const [id, proposal] of listing) found.set(id, proposal);
    const isPast = ({ reading }: HubProposal): boolean => {
      const end = reading.endAtSeconds ?? 0;
      return reading.status === 'closed' && end < now - SETTLING_SECONDS && end >= now - HISTORY_SECONDS;
    };
    const past = [...listing.values()].filter(isPast);
    this.#backlog = past.sort((a, b) => (a.reading.endAtSeconds ?? 0) - (b.reading.endAtSeconds ?? 0));
    this.#listing = null;
    this.#listingSinceMs = null;
  }

  /** Which ones are asked for again. */
  #sort(found: ReadonlyMap<string, HubProposal>): void {
    const now = toSeconds(this.#tools.clock.now());
    for (const [id, proposal] of found) {
      const { status, endAtSeconds } = proposal.reading;
      const isSettled = status === 'closed' && (endAtSeconds ?? 0) < now - SETTLING_SECONDS;
      if (isSettled) this.#open.delete(id);
      else this.#open.set(id, proposal);
    }
  }

  async #save({ proposals, votes, gone }: Found): Promise<void> {
    if (this.#listing !== null) return;
    const { store, clock } = this.#tools;
    const nowMs = clock.now();
    const readings = [...[...proposals.values()].map(({ reading }) => reading), ...gone];
    await store.governance.saveProposals({
      source: this.source,
      readings,
      votes,
      clockSeconds: toSeconds(nowMs),
      nowMs,
    });
  }

  /** A hub that asks for fewer questions has not failed: it is asked again after the pause that it asked for. */
  #refused(error: unknown): CollectOutcome {
    if (!(error instanceof AssayError) || !isBusy(error)) throw error;
    const now = this.#tools.clock.now();
    const pauseMs = error.retryAfterMs > 0 ? error.retryAfterMs : PAUSE_MS;
    this.#pause = { untilMs: now + pauseMs, sinceMs: this.#pause?.sinceMs ?? now, error };
    return asBusy(this.#pause);
  }
}

const isBusy = ({ detail }: AssayError): boolean => detail.startsWith('HTTP 429');

const asBusy = ({ sinceMs, error }: { sinceMs: number; error: AssayError }): CollectOutcome => ({
  kind: 'stale',
  shortError: error.message,
  sinceMs,
});
