import { parseEventLogs } from 'viem';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { type BedrockOptions, type DevBedrock, startBedrock } from './bedrock.ts';
import { ADDRESS_VOTER_ABI, TOKEN_VOTER_ABI } from './bedrockAbi.ts';
import { compileContracts } from './compile.ts';
import { randomRun } from './randomRun.ts';

const open: DevBedrock[] = [];
beforeAll(() => void compileContracts('bedrock'));
afterEach(async () => {
  await Promise.all(open.splice(0).map((bedrock) => bedrock.close()));
});

async function start(options: BedrockOptions = {}): Promise<DevBedrock> {
  const bedrock = await startBedrock({ startSeconds: 1_780_000_000, ...options });
  open.push(bedrock);
  return bedrock;
}

/** Transactions with a `Voted` in those blocks. */
async function votesIn({ chain }: DevBedrock, blocks: readonly bigint[]): Promise<number> {
  const logs = await chain.client.getLogs({ fromBlock: blocks[0] as bigint, toBlock: blocks.at(-1) as bigint });
  const abi = [...TOKEN_VOTER_ABI, ...ADDRESS_VOTER_ABI];
  return new Set(parseEventLogs({ abi, logs, eventName: 'Voted' }).map(({ transactionHash }) => transactionHash)).size;
}

it.each<BedrockOptions>([{}, { seasons: false }])('casts as many votes as wanted by lock: %j', async (options) => {
  const bedrock = await start(options);
  const run = await randomRun(bedrock, 11, 600);
  expect(await votesIn(bedrock, run.blocks)).toBe(600);
  const unused = Object.entries(run.done).filter(([, times]) => times === 0);
  expect(unused.map(([deed]) => deed)).toEqual(options.seasons === false ? ['newSeason'] : []);
  expect(run.blocks.map((block) => block - (run.blocks[0] as bigint))).toEqual(run.blocks.map((_, at) => BigInt(at)));
  const { standing, totalCastWei, gauges } = await bedrock.view();
  const stands = [...standing.values()].flatMap((votes) => [...votes.values()]).reduce((sum, one) => sum + one, 0n);
  expect(stands).toBe(totalCastWei);
  expect(gauges.reduce((sum, { votesWei }) => sum + votesWei, 0n)).toBe(totalCastWei);
});

it('goes on with another voter, with votes by address', async () => {
  const bedrock = await start();
  const first = await randomRun(bedrock, 3, 200);
  const before = await bedrock.view(first.blocks.at(-1));
  await bedrock.switchVoter('address');
  const second = await randomRun(bedrock, 4, 200);
  expect(second.done.vote).toBe(200);
  expect((await bedrock.view()).standing.size).toBeGreaterThan(5);
  expect(await bedrock.view(first.blocks.at(-1))).toEqual(before);
});

it('does the same for the same seed', async () => {
  const [one, two, other] = await Promise.all([start(), start(), start()]);
  const runs = await Promise.all([randomRun(one, 5, 200), randomRun(two, 5, 200), randomRun(other, 6, 200)]);
  expect(runs[1]).toEqual(runs[0]);
  expect(await two.view()).toEqual(await one.view());
  expect(await other.view()).not.toEqual(await one.view());
});
