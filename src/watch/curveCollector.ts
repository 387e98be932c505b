import type { Hex } from '../lib/facts.ts';
import type { GaugeEvent } from '../lib/gaugeFacts.ts';
import { PART_OF } from '../lib/governanceFacts.ts';
import type { CurveRow } from '../lib/governanceRow.ts';
import { type CurveContracts, curveLogs } from '../sources/curve/curveLogs.ts';
import { readCurve } from '../sources/curve/readCurve.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import { GaugeChain } from './gaugeChain.ts';
import type { GovernanceTools } from './governanceTools.ts';
import { DIFFER, VoteSums } from './voteSums.ts';

/** Events of the store that are looked at together. */
const PAGE = 5_000;

/** Follows Curve's VotingEscrow and GaugeController. */
export const curveCollector = (row: CurveRow, tools: GovernanceTools): CurveCollector => new CurveCollector(row, tools);

/**
 * Every round: the logs up to the newest confirmed block, which say who locks and who votes, then what the contracts answer of
 * them there.
 */
class CurveCollector implements Collector {
  readonly source: string;
  readonly everyMs: number;
  readonly #row: CurveRow;
  readonly #tools: GovernanceTools;
  readonly #contracts: CurveContracts;
  readonly #chain: GaugeChain;
  readonly #sums: VoteSums;
  #people: { generation: number; lastId: number; owners: Set<Hex>; votes: Map<string, { owner: Hex; gauge: Hex }> };
  #isLoaded = false;
  /** Block and count of events of the newest reading. */
  #readAt = '';

  constructor(row: CurveRow, tools: GovernanceTools) {
    this.source = `${row.network}.${PART_OF[row.kind]}`;
    this.everyMs = row.intervalMs;
    this.#row = row;
    this.#tools = tools;
    const [escrow, controller] = [row.escrow, row.controller].map((address) => address.toLowerCase()) as [Hex, Hex];
    this.#contracts = { escrow, controller };
    this.#people = nobody(-1);
    this.#sums = new VoteSums(tools.store, this.source);
    const read = {
      read: (...[client, ...range]: Parameters<ReadLogs>) => curveLogs(client, this.#contracts, ...range),
      isWhole: () => !this.#sums.differ,
    };
    this.#chain = new GaugeChain({ ...row, source: this.source, anchor: escrow }, read, tools);
  }

  /** Resolves when nothing is read beside the rounds. */
  async settled(): Promise<void> {
    await this.#chain.history.settled();
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const { source } = this;
    const { store, clock } = this.#tools;
    const { history, logs, reader } = this.#chain;
    const { head, confirmed } = await this.#chain.head();
    await this.#load(head);
    // A node that lists no logs may still answer for the contracts.
    const followed = await logs.follow(signal, head).catch((error: unknown) => ({ kind: 'failed' as const, error }));
    await this.#meet();
    const { owners, votes, lastId } = this.#people;
    // Logs that are not listed are missing, not yet to come.
    const isComplete = this.#sums.differ || (await history.knownFromSeconds()) !== null;
    const at = `${confirmed.hash}/${lastId}/${isComplete}`;
    if (at !== this.#readAt) {
      const known = { owners: [...owners], votes: [...votes.values()], isComplete };
      const asked = { source, chainId: this.#row.chainId, contracts: this.#contracts, ...known };
      await store.gauges.saveReading(await readCurve(reader, asked, confirmed, signal), clock.now());
      this.#readAt = at;
    }
    if (followed.kind === 'failed') throw followed.error;
    if (followed.kind === 'stale') return followed;
    const differ = await this.#sums.readAgain(this.#chain, this.#row.startBlock, this.#tools);
    return differ ? { kind: 'fresh', note: DIFFER } : followed;
  }

  /** What an earlier run read of other contracts, or of a later start, is dropped. */
  async #load(head: Parameters<GaugeChain['history']['startOver']>[0]): Promise<void> {
    if (this.#isLoaded) return;
    const { meta } = this.#tools.store;
    const key = `gauge-contracts:${this.source}`;
    const { escrow, controller } = this.#contracts;
    const [contracts, start] = ((await meta.get(key)) ?? '').split(' from ');
    const isOther = contracts !== `${escrow} ${controller}` || BigInt(start ?? 0) > this.#row.startBlock;
    if (contracts !== '' && isOther) await this.#chain.history.startOver(head);
    await meta.set(key, `${escrow} ${controller} from ${this.#row.startBlock}`);
    await this.#sums.load();
    this.#isLoaded = true;
  }

  /** Who locks and votes, by the events that came since. */
  async #meet(): Promise<void> {
    const { gauges } = this.#tools.store;
    for (;;) {
      const generation = gauges.generation(this.source);
      if (this.#people.generation !== generation) this.#people = nobody(generation);
      const people = this.#people;
      const { events, lastId } = await gauges.events(this.source, people.lastId, PAGE);
      if (gauges.generation(this.source) !== generation) continue;
      for (const event of events) meet(people, event);
      people.lastId = lastId;
      if (events.length < PAGE) return;
    }
  }
}

type ReadLogs = (
  client: Parameters<typeof curveLogs>[0],
  from: bigint,
  to: bigint,
  signal: AbortSignal,
) => ReturnType<typeof curveLogs>;

const nobody = (generation: number) => ({
  generation,
  lastId: 0,
  owners: new Set<Hex>(),
  votes: new Map<string, { owner: Hex; gauge: Hex }>(),
});

function meet(people: ReturnType<typeof nobody>, { kind, from, gauge, weightBps }: GaugeEvent): void {
  if (from === null) return;
  if (kind === 'deposit') people.owners.add(from);
  if (kind !== 'weighted' || gauge === null) return;
  const key = `${from}/${gauge}`;
  if (weightBps === 0) people.votes.delete(key);
  else people.votes.set(key, { owner: from, gauge });
}
