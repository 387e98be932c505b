import type { Hex } from 'viem';
import { BR, type DevBedrock, EPOCH_SECONDS, walletOf } from './bedrock.ts';
import type { Weights } from './bedrockCalls.ts';

/** How many of the wallets vote in each epoch of the story; a new season starts before the one in the middle. */
const TURNOUT = [12, 11, 9, 7, 6, 5, 4] as const;
const SEASON_BEFORE = 4;
const GAUGES = ['uniBTC vault', 'brBTC vault', 'BR liquidity', 'Grants'] as const;
/** Others hold 7,800 BR that have grown to at most 4.5 times as much power. */
const WHALE_AMOUNT = 60_000n * BR;
const HOUR_SECONDS = 3_600;

export interface PlayedEpoch {
  epoch: number;
  season: number;
  /** In the order in which they voted. */
  voters: Hex[];
  /** The last block with a vote of that epoch. */
  lastBlock: bigint;
}

export interface SeasonStory {
  /** Twelve, by falling diligence: the last one votes once. The lock of each holds 100 BR more than that of the one before. */
  wallets: { address: Hex; lock: bigint }[];
  /** Votes once, in the last epoch; null: kept away. */
  whale: { address: Hex; lock: bigint } | null;
  gauges: Hex[];
  epochs: PlayedEpoch[];
  seasonStartSeconds: number;
}

/** When a chain must start so that the story's last epoch is the one before the epoch of `nowSeconds`. */
export const storyStart = (nowSeconds: number): number =>
  nowSeconds - (nowSeconds % EPOCH_SECONDS) - (TURNOUT.length + 1) * EPOCH_SECONDS + HOUR_SECONDS;

/**
 * Plays seven epochs on a Bedrock with seasons and votes by lock: ever fewer of twelve wallets vote, a new season takes
 * everyone's power and votes back after four, and in the last epoch a whale votes who holds more than half.
 */
export async function playSeasons(bedrock: DevBedrock, { whale: withWhale = true } = {}): Promise<SeasonStory> {
  const { chain, calls } = bedrock;
  const gauges: Hex[] = [];
  for (const name of GAUGES) gauges.push(await bedrock.gauge(name));
  const wallets: SeasonStory['wallets'] = [];
  for (let index = 0; index < TURNOUT[0]; index += 1) {
    const address = walletOf(`veBR holder ${index + 1}`);
    wallets.push({ address, lock: await bedrock.lock(address, BigInt(index + 1) * 100n * BR) });
  }
  const epochs: PlayedEpoch[] = [];
  let whale: SeasonStory['whale'] = null;
  let seasonStartSeconds = 0;
  for (const [turn, count] of TURNOUT.entries()) {
    await bedrock.toNextEpoch();
    await bedrock.toVoteWindow();
    const voting = wallets.slice(0, count).map((wallet, index) => ({ ...wallet, weights: taste(gauges, index, turn) }));
    if (whale !== null) voting.push({ ...whale, weights: [[gauges[3] as Hex, 1]] });
    for (const { address, lock, weights } of voting) {
      await chain.actAll([calls.vote(address, lock, weights)], HOUR_SECONDS);
    }
    epochs.push({
      epoch: Math.floor(chain.nowSeconds() / EPOCH_SECONDS),
      season: turn < SEASON_BEFORE ? 0 : 1,
      voters: voting.map(({ address }) => address),
      lastBlock: await chain.client.getBlockNumber({ cacheTime: 0 }),
    });
    await bedrock.toVoteEnd();
    // In the second week of the epoch: the next checkpoint is the start of the next epoch.
    await bedrock.toNextCheckpoint();
    if (turn + 1 === SEASON_BEFORE) {
      await bedrock.newSeason();
      seasonStartSeconds = chain.nowSeconds() - (chain.nowSeconds() % EPOCH_SECONDS) + EPOCH_SECONDS;
    }
    if (withWhale && turn + 2 === TURNOUT.length) {
      const address = walletOf('veBR whale');
      whale = { address, lock: await bedrock.lock(address, WHALE_AMOUNT) };
    }
  }
  return { wallets, whale, gauges, epochs, seasonStartSeconds };
}

/** A wallet has a favourite and a second choice; the favourite moves on every other epoch. */
function taste(gauges: readonly Hex[], index: number, turn: number): Weights {
  const first = (index + Math.floor(turn / 2)) % gauges.length;
  const second = (first + 1 + (index % 2)) % gauges.length;
  return [
    [gauges[first] as Hex, 70],
    [gauges[second] as Hex, 30],
  ];
}
