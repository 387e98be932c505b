import type { Config } from './config.ts';
import { chainIdFindings } from './doctorChain.ts';
import { check, type Finding, NothingToSee, unasked } from './doctorFinding.ts';
import { CLOCK_TOLERANCE_SECONDS } from './insight/proofLabels.ts';
import type { BlockRef, Hex } from './lib/facts.ts';
import { duration, plural, shortHex } from './lib/units.ts';
import type { EvmClient } from './sources/evm/client.ts';
import { hostOf } from './sources/evm/rpcError.ts';
import { readUsage } from './sources/opengradient/facilitator.ts';
import { followRelay, verifierLimits } from './sources/opengradient/settlementChain.ts';
import { settlementLogs } from './sources/opengradient/settlementLogs.ts';

const LOOK_BACK_BLOCKS = 10_000n;

const SETTLEMENTS = 'settlements in the last 10,000 blocks';
const limitsOf = (relay: Hex): string => `limits of the verifier behind ${shortHex(relay)}`;

/** What is assumed of settlement, of the facilitator and of payments. `head` null: the chain cannot be asked. */
export async function* proofFindings(
  client: EvmClient,
  { opengradient, proofThresholds }: Config,
  head: BlockRef | null,
): AsyncGenerator<Finding> {
  const { settlementRelays, facilitatorUrl, payments } = opengradient;
  if (head === null) yield* unasked([SETTLEMENTS, ...settlementRelays.map(limitsOf)]);
  else {
    yield await check(SETTLEMENTS, () => emitters(client, settlementRelays, head));
    for (const relay of settlementRelays) {
      yield await check(limitsOf(relay), async () => {
        const { verifier } = await followRelay(client, relay, head);
        const limits = verifier === null ? null : await verifierLimits(client, verifier, head);
        if (limits === null) throw new NothingToSee('it does not say them');
        const { maxAgeSeconds, futureSeconds } = limits;
        return [
          maxAgeSeconds === proofThresholds.individualExpirySeconds && futureSeconds === CLOCK_TOLERANCE_SECONDS,
          `a proof settles up to ${duration(maxAgeSeconds)} after it was signed, and ${duration(futureSeconds)} ahead; assumed ${duration(proofThresholds.individualExpirySeconds)} and ${duration(CLOCK_TOLERANCE_SECONDS)}`,
        ];
      });
    }
  }
  if (facilitatorUrl !== null) {
    yield await check(`facilitator at ${hostOf(facilitatorUrl)}`, async () => {
      const { totalRequests, days } = await readUsage(facilitatorUrl);
      return [true, `${plural(totalRequests, 'request')} over ${plural(days.length, 'day')}`];
    });
  }
  if (payments !== null) yield* chainIdFindings('chain id of Base', payments.rpcUrls, payments.chainId);
}

/** Who settles: an emitter that is not configured is what an operator wants to know of. */
async function emitters(client: EvmClient, relays: readonly Hex[], head: BlockRef): Promise<[boolean, string]> {
  const from = head.number > LOOK_BACK_BLOCKS ? head.number - LOOK_BACK_BLOCKS + 1n : 0n;
  const counts = new Map<Hex, number>();
  for await (const { events } of settlementLogs(client, from, head.number)) {
    for (const { emitter } of events) counts.set(emitter, (counts.get(emitter) ?? 0) + 1);
  }
  if (counts.size === 0) throw new NothingToSee(`none in blocks ${from} to ${head.number}`);
  const words = [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 5)
    .map(([emitter, count]) => `${emitter} ${count}${relays.includes(emitter) ? '' : ' (not configured)'}`);
  return [[...counts.keys()].every((emitter) => relays.includes(emitter)), words.join(', ')];
}
