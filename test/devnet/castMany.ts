import { encodeFunctionData, type Hex } from 'viem';
import type { DevChain } from './chain.ts';
import type { Artifact } from './compile.ts';
import { GOV_PRECOMPILE } from './governance.ts';

const A_BLOCK = 1_000;

/** A yes of each of them, a thousand in a block and without logs. `voters` ascending: they are kept in that order. */
export async function castMany(chain: DevChain, proposalId: bigint, voters: readonly Hex[]): Promise<void> {
  const { abi } = chain.contracts.GovPrecompile as Artifact;
  for (let from = 0; from < voters.length; from += A_BLOCK) {
    for (const voter of voters.slice(from, from + A_BLOCK)) {
      const vote = { proposalId, voter, options: [{ option: 1, weight: '1.000000000000000000' }], metadata: '' };
      await chain.queue(GOV_PRECOMPILE, encodeFunctionData({ abi, functionName: 'putVote', args: [vote] }), {
        gas: 900_000n,
      });
    }
    await chain.mine();
  }
}
