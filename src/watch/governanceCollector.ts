import type { Clock } from '../lib/clock.ts';
import { explain } from '../lib/errors.ts';
import type { BlockRef, Hex } from '../lib/facts.ts';
import { GOVERNANCE_SOURCE, isClosed } from '../lib/governanceFacts.ts';
import type { Logger } from '../lib/logger.ts';
import { plural } from '../lib/units.ts';
import type { EvmClient } from '../sources/evm/client.ts';
import { readGovParams, readProposalsById, readTallies, readVotes } from '../sources/opengradient/govPrecompile.ts';
import type { ChainProposal } from '../sources/opengradient/govProposal.ts';
import { NoPrecompileError, OddAnswerError, type Precompile } from '../sources/opengradient/precompile.ts';
import { bondedWei, readValidators, type StakedValidator } from '../sources/opengradient/stakingPrecompile.ts';
import type { StoredProposal } from '../store/governanceRepository.ts';
import type { Store } from '../store/store.ts';
import { BelievedHead } from './believedHead.ts';
import type { ChainReset } from './chainReset.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import { GovernanceList } from './governanceList.ts';
import { credible, powerOf, readingOf, type Votes, weighed } from './governanceReading.ts';

/** The whole list is read at first and then so often; in between the newest page and what is open. */
const WHOLE_LIST_EVERY_MS = 3_600_000;

/** Votes are read of so many proposals in one round, the newest ones. */
const MAX_VOTED_ON = 50;

/** Votes that come after the last look are pruned with the others: near the end it is looked more often. */
const NEAR_END_SECONDS = 120;
const NEAR_END_EVERY_MS = 5_000;

interface Options {
  client: EvmClient;
  reset: ChainReset;
  store: Store;
  clock: Clock;
  logger: Logger;
  gov: Hex;
  /** Who has how much power; null: not configured, and then that is not known. */
  staking: Hex | null;
  intervalMs: number;
}

/**
 * Reads proposals, and tally and votes of those that are being voted on, at one block. Votes that the chain's accounts sign make no
 * log, and are pruned after the end: what was seen is kept by the store.
 */
export class GovernanceCollector implements Collector {
  readonly source = GOVERNANCE_SOURCE;
  readonly #options: Options;
  readonly #head: BelievedHead;
  readonly #list: GovernanceList;
  #wholeListAtMs: number | null = null;
  /** Those that are closed and stored. */
  readonly #done = new Set<string>();
  #endsSoon = false;

  constructor(options: Options) {
    this.#options = options;
    this.#head = new BelievedHead(options.reset, options.clock);
    this.#list = new GovernanceList(options.store, options.clock);
  }

  get everyMs(): number {
    const { intervalMs } = this.#options;
    return this.#endsSoon ? Math.min(intervalMs, NEAR_END_EVERY_MS) : intervalMs;
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const { client, store, clock, gov } = this.#options;
    const block = this.#head.due();
    if (block === null) return this.#head.outcome(this.#list.note);
    const at: Precompile = { name: 'gov', address: gov, client, block };
    const startedAtMs = clock.now();
    const isDue = this.#wholeListAtMs === null || startedAtMs - this.#wholeListAtMs >= WHOLE_LIST_EVERY_MS;
    const { proposals, isWhole } = await this.#list.read(at, isDue);
    const stored = await this.#list.stored(isWhole);
    const { named, refused } = await this.#list.missing(at, proposals, stored);
    const seen = [...proposals, ...named];
    const news = seen.filter(({ ref, status }) => isWhole || !isClosed(status) || !this.#done.has(ref));

    const [params, validators] = await Promise.all([readGovParams(at), this.#validators(block)]);
    const open = news.filter(({ status }) => status === 'voting').slice(0, MAX_VOTED_ON);
    const tallies = await readTallies(
      at,
      open.map(({ id }) => id),
    );
    for (const [index, proposal] of open.entries()) proposal.tally = tallies[index] ?? null;
    const { votes, note } = await this.#votes(at, open, stored, signal);
    if (signal.aborted) return this.#head.outcome(this.#list.note);
    for (const proposal of news.filter(({ status }) => isClosed(status))) {
      if (stored.get(proposal.ref)?.status !== 'voting') continue;
      const last = await this.#lastVotes(at, proposal);
      if (last !== null) votes.set(proposal.ref, last);
    }
    const power = new Map(validators?.map((validator) => [validator.address, powerOf(validator)]));
    const bonded = validators === null ? null : bondedWei(validators);
    await store.governance.saveProposals({
      source: this.source,
      readings: [...news.map((proposal) => readingOf(proposal, params, bonded, stored.get(proposal.ref))), ...refused],
      votes: new Map([...votes].map(([ref, read]) => [ref, { ...read, votes: read.votes.map(weighed(power)) }])),
      clockSeconds: block.timestampSeconds,
      nowMs: clock.now(),
    });
    // Only what is stored is passed over from now on.
    for (const { ref, status } of news) {
      if (isClosed(status)) this.#done.add(ref);
      else this.#done.delete(ref);
    }
    if (isWhole) this.#wholeListAtMs = startedAtMs;
    this.#list.wasRead(seen, isWhole);
    this.#endsSoon = open.some(({ endAtSeconds }) => {
      return endAtSeconds !== null && endAtSeconds - block.timestampSeconds <= NEAR_END_SECONDS;
    });
    this.#head.wasRead(block);
    return this.#head.outcome(this.#list.note ?? note);
  }

  /** Of every open proposal. One whose votes are answered oddly says nothing against the others; when all are, it is an error. */
  async #votes(
    at: Precompile,
    open: readonly ChainProposal[],
    stored: ReadonlyMap<string, StoredProposal>,
    signal: AbortSignal,
  ): Promise<{ votes: Map<string, Votes>; note: string | null }> {
    const votes = new Map<string, Votes>();
    const odd: { ref: string; error: OddAnswerError }[] = [];
    for (const proposal of open) {
      if (signal.aborted) break;
      try {
        votes.set(proposal.ref, credible(await readVotes(at, proposal.id), proposal, stored.get(proposal.ref)));
      } catch (error) {
        if (!(error instanceof OddAnswerError)) throw error;
        odd.push({ ref: proposal.ref, error });
      }
    }
    const [first] = odd;
    if (first === undefined) return { votes, note: null };
    if (odd.length === open.length) throw first.error;
    this.#options.logger.warn(
      { proposal: first.ref, cause: explain(first.error) },
      'votes on a proposal cannot be read',
    );
    return { votes, note: `the votes on ${plural(odd.length, 'proposal')} cannot be read (#${first.ref})` };
  }

  /** null: not configured, or the chain has none. */
  async #validators(block: BlockRef): Promise<StakedValidator[] | null> {
    const { client, staking } = this.#options;
    if (staking === null) return null;
    try {
      return await readValidators({ name: 'staking', address: staking, client, block });
    } catch (error) {
      if (error instanceof NoPrecompileError) return null;
      throw error;
    }
  }

  /** Votes as they were in the block before the end, where a node still has that state; null otherwise. */
  async #lastVotes(at: Precompile, { id, endAtSeconds }: ChainProposal): Promise<Votes | null> {
    const { client, logger } = this.#options;
    if (endAtSeconds === null) return null;
    try {
      const end = await client.blockAtTime(endAtSeconds);
      const block = await client.block(end.number - 1n);
      if (block === null) return null;
      const before = { ...at, block };
      const [proposal] = await readProposalsById(before, [id]);
      return proposal?.status === 'voting' ? await readVotes(before, id) : null;
    } catch (error) {
      logger.debug({ proposal: String(id), cause: explain(error) }, 'the last votes on a proposal are pruned');
      return null;
    }
  }
}
