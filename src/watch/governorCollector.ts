import { AssayError } from '../lib/errors.ts';
import type { BlockRef } from '../lib/facts.ts';
import { isClosed, PART_OF, type ProposalReading, type ProposalStatus } from '../lib/governanceFacts.ts';
import type { GovernorRow } from '../lib/governanceRow.ts';
import { EvmClient } from '../sources/evm/client.ts';
import { CallReader } from '../sources/evm/multicall.ts';
import { governorLogs } from '../sources/governor/governorLogs.ts';
import { readGovernor } from '../sources/governor/governorViews.ts';
import type { GovernanceRepository } from '../store/governanceRepository.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import { READING_HISTORY } from './followLogs.ts';
import type { GovernanceTools } from './governanceTools.ts';
import { GovernorCursor } from './governorCursor.ts';
import { GovernorHistory } from './governorHistory.ts';
import { GovernorReadings } from './governorReadings.ts';
import { GovernorVotes } from './governorVotes.ts';

/** A long history is read in slices, one after the other, so that a round ends. */
const SLICE_MS = 20_000;
const BETWEEN_SLICES_MS = 50;

/** Proposals whose state is asked for in every round, the newest ones. */
const MAX_ASKED = 200;

/** Statuses from which a governor still moves on. */
const ASKED: readonly ProposalStatus[] = ['pending', 'voting', 'passed', 'queued', 'unknown'];

type VotesByRef = Parameters<GovernanceRepository['saveProposals']>[0]['votes'] & Map<string, unknown>;

/** Reads an OpenZeppelin Governor (or a Bravo) as one row configures it. */
export function governorCollector(row: GovernorRow, tools: GovernanceTools): Collector {
  const { clock, random, logger, signal } = tools;
  const keyed = { chainId: row.chainId, chainIdKey: `chainId of ${row.network}.${PART_OF[row.kind]}` };
  const client = new EvmClient({ urls: row.rpcUrls, ...keyed, clock, random, logger, signal });
  return new GovernorCollector(row, tools, client);
}

/**
 * Proposals and votes by the governor's logs, up to the confirmed block, and where each open proposal stands by its views at that
 * block. Votes are there for good, so all are read once; the cursor moves when they are stored.
 */
class GovernorCollector implements Collector {
  readonly source: string;
  readonly #row: GovernorRow;
  readonly #tools: GovernanceTools;
  readonly #client: EvmClient;
  readonly #reader: CallReader;
  readonly #cursor: GovernorCursor;
  #made: GovernorReadings | null = null;
  /** What was read and is not stored yet; `next`: the block to go on with. */
  #pending: { history: GovernorHistory; next: bigint; sinceMs: number } | null = null;
  #isReading = false;
  readonly #votes: GovernorVotes;
  /** By proposal the tally that its votes did not add up to; from when on logs are to be read again. */
  readonly #doubted = new Map<string, string>();
  #againFromSeconds: number | null = null;

  constructor(row: GovernorRow, tools: GovernanceTools, client: EvmClient) {
    this.source = `${row.network}.${PART_OF[row.kind]}`;
    this.#row = row;
    this.#tools = tools;
    this.#client = client;
    this.#reader = new CallReader(client, row.governor);
    this.#votes = new GovernorVotes(tools.store);
    this.#cursor = new GovernorCursor(
      tools.store.meta,
      `governor:${this.source}:${row.chainId}:${row.governor.toLowerCase()}`,
    );
  }

  get everyMs(): number {
    return this.#isReading ? BETWEEN_SLICES_MS : this.#row.intervalMs;
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    this.#isReading = false;
    const block = await this.#confirmed();
    this.#made ??= await this.#begin(block);
    const cursor = await this.#cursor.read(this.#client, block);
    if (cursor !== null && block.number < cursor.number) {
      const detail = `the newest settled block is ${block.number}, ${cursor.number} was read before`;
      throw new AssayError('every RPC of the network is behind', { retryable: true, detail });
    }
    const isFirst = cursor === null;
    const pending = await this.#read(await this.#from(cursor), block, signal);
    if (pending === null) return { kind: 'stale', shortError: READING_HISTORY, sinceMs: this.#pending?.sinceMs ?? 0 };
    await this.#save(pending, block, isFirst);
    await this.#cursor.write(block, pending.partly);
    this.#pending = null;
    return { kind: 'fresh' };
  }

  async #begin(block: BlockRef): Promise<GovernorReadings> {
    const about = await readGovernor(this.#reader, block, this.#row);
    return new GovernorReadings(this.#row.governor, about, this.#reader, this.#client);
  }

  /** The newest block that counts as settled. */
  async #confirmed(): Promise<BlockRef> {
    const head = await this.#client.head();
    const number = head.number - BigInt(this.#row.confirmations - 1);
    const block = number >= head.number ? head : await this.#client.block(number > 0n ? number : 1n);
    if (block === null) throw new AssayError('the chain does not have its newest blocks', { retryable: true });
    return block;
  }

  /** The block after which logs are to be read; null: from the row's first one on. */
  async #from(cursor: { number: bigint } | null): Promise<bigint | null> {
    if (cursor === null || this.#againFromSeconds === null) return cursor?.number ?? null;
    const { number } = await this.#client.blockAtTime(this.#againFromSeconds);
    this.#againFromSeconds = null;
    return number - 1n < cursor.number ? number - 1n : cursor.number;
  }

  /** Everything logged after the cursor; null while there is more to read, or when the signal aborts. */
  async #read(cursor: bigint | null, to: BlockRef, signal: AbortSignal): Promise<GovernorHistory | null> {
    const { clock } = this.#tools;
    const startedAtMs = clock.now();
    const { startBlock } = this.#row;
    const next = cursor === null || cursor < startBlock ? startBlock : cursor + 1n;
    this.#pending ??= { history: new GovernorHistory(), next, sinceMs: startedAtMs };
    const pending = this.#pending;
    for await (const page of governorLogs(this.#client, this.#row.governor, pending.next, to.number, signal)) {
      pending.history.add(page.events);
      pending.next = page.toBlock.number + 1n;
      if (clock.now() - startedAtMs < SLICE_MS || pending.next > to.number) continue;
      this.#isReading = true;
      return null;
    }
    // Pages end early then.
    return signal.aborted ? null : pending.history;
  }

  async #save(history: GovernorHistory, block: BlockRef, isFirst: boolean): Promise<void> {
    const { store, clock } = this.#tools;
    const asked = { sources: [this.source], statuses: ASKED, limit: MAX_ASKED, offset: 0 };
    const stored = new Map((await store.governance.proposals(asked)).rows.map((row) => [row.ref, row]));
    for (const ref of [...history.changed, ...history.votes.keys()]) {
      if (stored.has(ref) || history.created.has(ref)) continue;
      const found = await store.governance.findProposal([this.source], ref);
      if (found !== null && found.ref === ref) stored.set(ref, found);
    }
    const refs = [...new Set([...history.created.keys(), ...stored.keys()])];
    const readings = (await this.#made?.of(refs, history, stored, block)) ?? [];
    const partly = new Set([...history.partly, ...(await this.#cursor.partly())]);
    const votes: VotesByRef = new Map();
    const over: ProposalReading[] = [];
    for (const reading of readings) {
      const { ref } = reading;
      if (isClosed(reading.status) && isFirst) over.push(reading);
      else if (!isClosed(reading.status) || history.votes.has(ref)) {
        const read = await this.#votes.of(reading, history, stored.get(ref), partly.has(ref));
        votes.set(ref, read);
        if (!read.isComplete && !partly.has(ref)) this.#doubt(reading);
      }
    }
    const save = (some: readonly ProposalReading[], withVotes: VotesByRef): Promise<void> =>
      store.governance.saveProposals({
        source: this.source,
        readings: some,
        votes: withVotes,
        clockSeconds: block.timestampSeconds,
        nowMs: clock.now(),
      });
    await save(readings, votes);
    // A long history at one go would hold up every other writer: the votes that are over come one proposal after the other.
    for (const reading of over) {
      const { ref } = reading;
      const read = await this.#votes.of(reading, history, stored.get(ref), partly.has(ref));
      await save([reading], new Map([[ref, read]]));
    }
  }

  /** Votes are missing: its logs are read once more, once for each tally that they did not add up to. */
  #doubt({ ref, tally, submittedAtSeconds }: ProposalReading): void {
    const said = String(tally);
    if (tally === null || submittedAtSeconds === null || this.#doubted.get(ref) === said) return;
    this.#doubted.set(ref, said);
    this.#againFromSeconds = Math.min(this.#againFromSeconds ?? submittedAtSeconds, submittedAtSeconds);
    this.#tools.logger.warn(
      { source: this.source, proposal: ref },
      'votes are missing in the logs, which are read again',
    );
  }
}
