import { AssayError } from '../lib/errors.ts';
import type { BlockRef, Hex } from '../lib/facts.ts';
import { type GaugeEvent, gaugeCursor } from '../lib/gaugeFacts.ts';
import { BehindError, EvmClient } from '../sources/evm/client.ts';
import { CallReader } from '../sources/evm/multicall.ts';
import { chainMark } from './chainMark.ts';
import { ChainReset } from './chainReset.ts';
import { LogFollower } from './followLogs.ts';
import type { GovernanceTools } from './governanceTools.ts';
import { LogHistory, type LogKind } from './logHistory.ts';

interface Chain {
  source: string;
  rpcUrls: readonly string[];
  chainId: number;
  startBlock: bigint;
  confirmations: number;
  /** A contract that is there. */
  anchor: Hex;
}

/** How the events of one gauge source are read; `isWhole` as in `LogKind`. */
export interface GaugeRead {
  read(client: EvmClient, ...range: Parameters<LogKind<GaugeEvent>['read']>): ReturnType<LogKind<GaugeEvent>['read']>;
  isWhole?(): boolean;
}

/** What one gauge source is read with: its chain's nodes, its events as history behind one cursor, and the head. */
export class GaugeChain {
  readonly client: EvmClient;
  readonly reader: CallReader;
  readonly history: LogHistory<GaugeEvent>;
  readonly logs: LogFollower<GaugeEvent>;
  readonly #chain: Chain;
  readonly #reset: ChainReset;

  constructor(chain: Chain, how: GaugeRead, { store, clock, random, logger, signal, notice }: GovernanceTools) {
    const { source, chainId, startBlock, confirmations } = chain;
    this.#chain = chain;
    const keyed = { chainIdKey: `chainId of ${source}` };
    this.client = new EvmClient({ urls: chain.rpcUrls, chainId, ...keyed, clock, random, logger, signal });
    this.reader = new CallReader(this.client, chain.anchor);
    const cursorName = gaugeCursor(source, chainId);
    const kind: LogKind<GaugeEvent> = {
      cursorName,
      read: (...range) => how.read(this.client, ...range),
      save: (events, cursor) => store.gauges.saveEvents(source, events, cursor),
      rewind: ({ block }) => store.gauges.rewind(source, cursorName, block),
      forget: () => store.gauges.rewind(source, cursorName, null),
      isWhole: () => how.isWhole?.() ?? true,
      ...chainMark(store, `gauges:${source}`, chainId),
    };
    const { client } = this;
    const from = { firstBlock: startBlock, backfillDays: 0 };
    this.history = new LogHistory({ client, store, kind, chainId, confirmations, logger, ...from });
    const said = (text: string): void => notice(`${source}: ${text}`);
    const rpcUrlsKey = `rpcUrls of ${source}`;
    this.#reset = new ChainReset({ client, histories: [this.history], rpcUrlsKey, clock, logger, notice: said });
    this.logs = new LogFollower(this.history, this.#reset, clock);
  }

  /** The head, and the newest block that is confirmed: up to there logs are read, and there contracts are asked. */
  async head(): Promise<{ head: BlockRef; confirmed: BlockRef }> {
    const head = await this.#head();
    const number = head.number - BigInt(this.#chain.confirmations - 1);
    const confirmed = number <= 0n || number === head.number ? head : await this.client.block(number);
    if (confirmed === null) throw new AssayError('the chain does not show its newest blocks', { retryable: true });
    return { head, confirmed };
  }

  /** Nodes that lag say nothing new: what was believed last stands, until that has lasted too long. */
  async #head(): Promise<BlockRef> {
    try {
      return await this.#reset.head();
    } catch (error) {
      const before = error instanceof BehindError ? this.#reset.believed : null;
      if (before === null) throw error;
      return before;
    }
  }
}
