import { metricsOf } from '../insight/concentration.ts';
import { toSeconds } from '../lib/clock.ts';
import { AssayError } from '../lib/errors.ts';
import type { Hex } from '../lib/facts.ts';
import { PART_OF } from '../lib/governanceFacts.ts';
import type { HoldersRow } from '../lib/governanceRow.ts';
import { type SetMember, type SetReading, setId } from '../lib/influence.ts';
import { percent, plural, shortHex } from '../lib/units.ts';
import {
  type Holder,
  holderPages,
  readIndexedPercent,
  readToken,
  type TokenAbout,
} from '../sources/holders/blockscout.ts';
import type { CollectOutcome, Collector } from './collector.ts';
import type { GovernanceTools } from './governanceTools.ts';

const NOBODY: Hex = '0x0000000000000000000000000000000000000000';

/** Public explorers serve a few questions a second to everybody. */
const PAUSE_MS = 250;

/** Reads who holds a token, as one row configures it, and keeps it as the network's set of holders. */
export function holdersCollector(row: HoldersRow, tools: GovernanceTools): Collector {
  return new HoldersCollector(row, tools);
}

class HoldersCollector implements Collector {
  readonly source: string;
  readonly everyMs: number;
  readonly #row: HoldersRow;
  readonly #tools: GovernanceTools;
  /** The explorer asked not to be asked before, with its words. */
  #pause: { untilMs: number; error: unknown } | null = null;

  constructor(row: HoldersRow, tools: GovernanceTools) {
    this.source = `${row.network}.${PART_OF[row.kind]}`;
    this.everyMs = row.intervalMs;
    this.#row = row;
    this.#tools = tools;
  }

  async collect(signal: AbortSignal): Promise<CollectOutcome> {
    const { store, clock } = this.#tools;
    if (this.#pause !== null && clock.now() < this.#pause.untilMs) throw this.#pause.error;
    this.#pause = null;
    try {
      const reading = await this.#read(signal);
      if (reading !== null) {
        const weights = reading.members.map(({ weight }) => weight);
        await store.sets.save(reading, metricsOf(weights), clock.now());
      }
      return { kind: 'fresh' };
    } catch (error) {
      if (error instanceof AssayError && error.retryAfterMs > 0) {
        this.#pause = { untilMs: clock.now() + error.retryAfterMs, error };
      }
      throw error;
    }
  }

  /** null: the signal aborted. */
  async #read(signal: AbortSignal): Promise<SetReading | null> {
    const { api: configured, token, limit, exclude } = this.#row;
    const asked = { api: configured.replace(/\/+$/, ''), token, signal };
    const { clock } = this.#tools;
    const about = await readToken(asked);
    const indexedPercent = await readIndexedPercent(asked);
    const apart = new Map<string, string>([[NOBODY, 'burned'], ...Object.entries(exclude).map(lowered)]);
    const held = new Map<string, Holder>();
    const left = new Map<string, { words: string; balance: bigint }>();
    for await (const page of holderPages(asked)) {
      for (const holder of page) {
        const words = apart.get(holder.address);
        if (words !== undefined) left.set(holder.address, { words, balance: holder.balance });
        else if (holder.balance > 0n && held.size < limit) held.set(holder.address, holder);
      }
      if (held.size >= limit) break;
      await clock.sleep(PAUSE_MS, signal);
      if (signal.aborted) return null;
    }
    // No holders at all is no answer about a token that has some.
    if (held.size === 0 && left.size === 0) {
      throw new AssayError('the explorer names no holder of the token', { retryable: true });
    }
    return this.#reading([...held.values()], left, about, indexedPercent);
  }

  #reading(
    holders: readonly Holder[],
    left: ReadonlyMap<string, { words: string; balance: bigint }>,
    { decimals, totalSupply, holdersCount }: TokenAbout,
    indexedPercent: number | null,
  ): SetReading {
    const { network, symbol, token, api } = this.#row;
    const share = (amount: bigint): string => {
      if (totalSupply === null || totalSupply === 0n) return 'a share of the supply that is not known';
      // Explorers read supply, balances and the number of holders at different times.
      if (amount > totalSupply) return 'more than the supply that the explorer names';
      return `${percent(Number((amount * 1_000_000n) / totalSupply) / 1_000_000)} of the supply`;
    };
    const sum = holders.reduce((total, { balance }) => total + balance, 0n);
    const contracts = holders.filter(({ isContract }) => isContract).length;
    const isTooFew = holdersCount === null || holdersCount < holders.length;
    const all = isTooFew ? 'all holders, whose number is not known' : plural(holdersCount, 'holder');
    return {
      set: setId(network, 'holders'),
      network,
      kind: 'holders',
      unit: { symbol, decimals },
      atSeconds: toSeconds(this.#tools.clock.now()),
      members: holders.map(memberOf).sort(byWeight),
      left: [
        ...[...left].map(
          ([address, { words, balance }]) => `${shortHex(address)} (${words}) is left out: ${share(balance)}`,
        ),
        `covers the largest ${holders.length} of ${all}: ${share(sum)}`,
        ...(contracts > 0 ? [`${contracts} of them are contracts, which may hold for others`] : []),
        ...(indexedPercent !== null && indexedPercent < 100
          ? [`the explorer has read ${indexedPercent} % of the blocks`]
          : []),
      ],
      words: `holders of ${shortHex(token)} at ${new URL(api).host}`,
    };
  }
}

const lowered = ([address, words]: [string, string]): [string, string] => [address.toLowerCase(), words];

const memberOf = ({ address, name, isContract, balance }: Holder): SetMember => ({
  id: address,
  label: `${name ?? address}${isContract ? ' (contract)' : ''}`,
  weight: balance,
});

function byWeight(a: SetMember, b: SetMember): number {
  if (a.weight !== b.weight) return a.weight > b.weight ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
