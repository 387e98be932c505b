import { explain } from '../lib/errors.ts';
import type { BlockRef, Hex } from '../lib/facts.ts';
import type { Logger } from '../lib/logger.ts';
import { Views } from '../sources/evm/abiCalls.ts';
import { NoContractError } from '../sources/evm/client.ts';
import type { CallReader } from '../sources/evm/multicall.ts';
import { veAbi } from '../sources/ve/veAbi.ts';

/** Looks into the past; a season has some twelve weeks, and two years have eight of them. */
const LOOKS = 24n;

/**
 * Voters that the escrow named at blocks between its start and now, evenly spread, in lower case; no log says when one is replaced.
 * `isKnown` false: no node keeps the state of older blocks, so there may have been others.
 */
export async function earlierVoters(
  reader: CallReader,
  escrow: Hex,
  { startBlock, now, logger }: { startBlock: bigint; now: BlockRef; logger: Logger },
): Promise<{ voters: Hex[]; isKnown: boolean }> {
  const voters = new Set<Hex>();
  const numbers = new Set<bigint>();
  for (let look = 0n; look < LOOKS; look += 1n) numbers.add(startBlock + ((now.number - startBlock) * look) / LOOKS);
  // From the newest on: a node that keeps no older state says so first.
  for (const number of [...numbers].filter((each) => each >= 0n && each < now.number).toReversed()) {
    try {
      const { voter } = await new Views(veAbi, reader, { ...now, number }).named(escrow, ['voter']);
      if (voter !== null && !/^0x0*$/.test(voter)) voters.add(voter.toLowerCase() as Hex);
    } catch (error) {
      // Before the escrow was made there is nothing to ask.
      if (error instanceof NoContractError) break;
      logger.info({ block: number.toString(), cause: explain(error) }, 'earlier voters cannot be asked for');
      return { voters: [...voters], isKnown: false };
    }
  }
  return { voters: [...voters], isKnown: true };
}
