import type { GaugeEvent, GaugeReading } from '../../src/lib/gaugeFacts.ts';
import type { VeSeasonRow } from '../../src/lib/governanceRow.ts';
import { createLogger } from '../../src/lib/logger.ts';
import type { Store } from '../../src/store/store.ts';
import type { GovernanceTools } from '../../src/watch/governanceTools.ts';
import { veCollector } from '../../src/watch/veCollector.ts';
import type { DevBedrock } from '../devnet/bedrock.ts';
import type { BedrockView } from '../devnet/bedrockViews.ts';
import { ShiftedClock } from './harness.ts';

export const SOURCE = 'bedrock.votes';

/** What collectors of one row are made with. `notices` and `log` fill up. */
export function governanceTools(store: Store, clock = new ShiftedClock()) {
  const controller = new AbortController();
  const notices: string[] = [];
  const log: string[] = [];
  const tools: GovernanceTools = {
    ...{ store, clock, random: () => 0.5, signal: controller.signal },
    logger: createLogger('debug', [], (line) => log.push(line)),
    notice: (text) => notices.push(text),
  };
  return { tools, clock, notices, log, stop: () => controller.abort() };
}

/** The vote escrow's collector, round by round. */
export function startVeRig(bedrock: DevBedrock, store: Store, more: Partial<VeSeasonRow> = {}) {
  const made = governanceTools(store);
  const { chain, at } = bedrock;
  const row: VeSeasonRow = {
    ...{ kind: 've-season', network: 'bedrock', title: 'Bedrock', intervalMs: 1_000 },
    ...{ rpcUrls: [chain.rpcUrl], chainId: Number(bedrock.env.BEDROCK_CHAIN_ID), startBlock: 0n, confirmations: 1 },
    ...{ escrow: at.escrow, token: at.token },
    ...more,
  };
  const collector = veCollector(row, made.tools);
  const round = () => collector.collect(made.tools.signal);
  return {
    ...made,
    collector,
    round,
    /** A round, what it began beside, and one that follows that. */
    async caughtUp() {
      await round();
      await collector.settled();
      const outcome = await round();
      await collector.settled();
      return outcome;
    },
    async reading(): Promise<GaugeReading> {
      const reading = await store.gauges.reading(SOURCE);
      if (reading === null) throw new Error('nothing was read');
      return reading;
    },
    async events(): Promise<GaugeEvent[]> {
      return (await store.gauges.events(SOURCE, 0, 1_000_000)).events;
    },
    async stop() {
      made.stop();
      await collector.settled();
    },
  };
}

/** A reading in the words of the devnet's own views. */
export function asView(reading: GaugeReading, escrow: string): Omit<BedrockView, 'standing'> {
  return {
    blockNumber: reading.block.number,
    epoch: reading.clock?.epoch ?? -1,
    season: reading.season?.index ?? null,
    votingActive: reading.clock?.votingActive ?? false,
    totalLockedWei: reading.totalLockedWei ?? -1n,
    totalCastWei: reading.totalCastWei ?? -1n,
    gauges: reading.gauges.map(({ address, active, createdAtSeconds, text, votesWei }) => ({
      ...{ address, active, votesWei, text: text ?? '', createdAtSeconds: createdAtSeconds ?? -1 },
    })),
    locks: reading.locks.map((lock) => ({
      id: BigInt(lock.id),
      owner: lock.exiting ? (escrow as `0x${string}`) : lock.owner,
      amountWei: lock.amountWei,
      startSeconds: lock.startSeconds ?? -1,
      powerWei: lock.powerWei,
      holder: lock.exiting ? lock.owner : null,
    })),
  };
}
