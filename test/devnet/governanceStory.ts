import { expect } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { startRpcProxy } from '../rigs/rpcProxy.ts';
import { startBedrock } from './bedrock.ts';
import { type Place, startProofStory } from './proofStory.ts';
import { playSeasons, storyStart } from './seasons.ts';

/** So far behind the real time that a story may go forward by weeks. */
const PAST_SECONDS = 30 * 86_400;
/** Alerts of ten seconds become one message, and facts are at most so old. */
const APART_MS = 12_000;
/** From what was read to what was said of it. */
const SAY_MS = 700;
/** Less than what makes a chain that stands still a halted one. */
const JUMP_MS = 100_000;
/** A source that failed is asked again after 15 s at most. */
const READ_MS = 30_000;

export type GovernanceStory = Awaited<ReturnType<typeof startGovernanceStory>>;

/**
 * The whole bot in both apps as a proof story has it, with its own chain's proposals and validators, and on another chain, where it is
 * asked for, Bedrock in the second week of the last of seven epochs, behind an endpoint that can fail. Both chains stand still but for what is done here.
 */
export async function startGovernanceStory({ bedrock: withBedrock = false } = {}) {
  const story = await startProofStory(PAST_SECONDS);
  const { network, world } = story;
  const nowSeconds = Math.floor(Date.now() / 1000);
  const bedrock = withBedrock ? await startBedrock({ startSeconds: storyStart(nowSeconds - 2 * PAST_SECONDS) }) : null;
  const seasons = bedrock === null ? null : await playSeasons(bedrock, { whale: false });
  const bedrockRpc = bedrock === null ? null : await startRpcProxy(bedrock.env.BEDROCK_RPC_URLS);
  const env = bedrock === null || bedrockRpc === null ? {} : { ...bedrock.env, BEDROCK_RPC_URLS: bedrockRpc.url };
  let more: Record<string, string> = {};

  async function start(others: Record<string, string> = {}): Promise<void> {
    more = others;
    await story.start({ ...env, ...more });
    await read();
  }

  /** Until both chains are read to their ends, and what that means was said. */
  async function read(): Promise<void> {
    const { store } = story.app;
    const head = (await bedrock?.chain.client.getBlockNumber({ cacheTime: 0 })) ?? 0n;
    await story.until(
      'governance read to the end',
      async () => {
        const facts = await store.governance.read();
        const isRead = (source: string): boolean =>
          facts.some((one) => one.source === source && one.clockSeconds >= network.chain.nowSeconds());
        const gauges = bedrock === null ? null : await store.gauges.reading('bedrock.votes');
        const isCurrent = bedrock === null || (gauges?.block.number ?? -1n) >= head;
        return isRead('opengradient.governance') && isRead('opengradient.validators') && isCurrent;
      },
      READ_MS,
    );
    await systemClock.sleep(SAY_MS);
  }

  /** A block on each chain, the first one so much later, and so much of the bot's time; nothing is waited for. */
  async function mine(chainSeconds = 1, botMs = APART_MS): Promise<void> {
    await story.pass(chainSeconds, botMs);
    await bedrock?.chain.mine();
  }

  async function turn(chainSeconds = 1): Promise<void> {
    await mine(chainSeconds);
    await read();
  }

  // Who asks also wants to be told of something.
  const asker: Place = { ...story.asker, userId: story.listener.userId };
  const { listener, clock, until, heard, times, advance, stop, ask, toldOnce } = story;
  return {
    ...{ world, network, asker, listener, clock, until, heard, times, advance, stop, ask, toldOnce },
    get app() {
      return story.app;
    },
    governance: network.governance,
    bedrock: bedrock as NonNullable<typeof bedrock>,
    seasons: seasons as NonNullable<typeof seasons>,
    bedrockRpc: bedrockRpc as NonNullable<typeof bedrockRpc>,
    start,
    read,
    mine,
    /** What was done on the chains is read and told, apart from what was told before. */
    turn,
    /** The same at that time of the network's chain. */
    async turnAt(chainSeconds: number): Promise<void> {
      await turn(Math.max(1, chainSeconds - network.chain.nowSeconds()));
    },
    /** So much of the bot's time, in steps in which no chain seems to stand still, and long enough for what fails to fail again. */
    async wait(botMs: number): Promise<void> {
      for (let left = botMs; left > 0; left -= JUMP_MS) {
        await mine(1, Math.min(left, JUMP_MS));
        await systemClock.sleep(1_000);
      }
    },
    async restart(): Promise<void> {
      await story.stop();
      await start(more);
      await turn();
    },
    /** In neither app was anything said there since then. */
    expectSilence(place: Place, since: { discord: string[]; telegram: string[] }): void {
      const { discord, telegram } = story.heard(place);
      expect(discord.slice(since.discord.length)).toEqual([]);
      expect(telegram.slice(since.telegram.length)).toEqual([]);
    },
    /** Rule and severity of every incident that ever was. */
    async incidents(): Promise<{ rule: string; severity: string }[]> {
      return await story.app.store.incidents.recent({ limit: 1_000 });
    },
    async close(): Promise<void> {
      await story.close();
      await Promise.all([bedrock?.close(), bedrockRpc?.close()]);
    },
  };
}
