import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import type { EvmClient } from '../evm/client.ts';

const abi = parseAbi([
  'function SETTLEMENT_CONTRACT() view returns (address)',
  'function registry() view returns (address)',
  'function MAX_INFERENCE_AGE() view returns (uint256)',
  'function FUTURE_TOLERANCE() view returns (uint256)',
]);

/** The verifier that a settlement relay hands proofs to, and the registry that this verifier looks keys up in; null where one does not say. */
export async function followRelay(
  client: EvmClient,
  relay: Hex,
  block: BlockRef,
): Promise<{ verifier: Hex | null; registry: Hex | null }> {
  const ask = async (to: Hex, functionName: 'SETTLEMENT_CONTRACT' | 'registry'): Promise<Hex | null> => {
    const [answer] = await client.calls([{ to, data: encodeFunctionData({ abi, functionName }) }], block);
    return answer ? (decodeFunctionResult({ abi, functionName, data: answer }).toLowerCase() as Hex) : null;
  };
  const verifier = await ask(relay, 'SETTLEMENT_CONTRACT');
  return { verifier, registry: verifier === null ? null : await ask(verifier, 'registry') };
}

/** How old, and how far ahead of the block, an individual proof may be signed; null where the verifier does not say. */
export async function verifierLimits(
  client: EvmClient,
  verifier: Hex,
  block: BlockRef,
): Promise<{ maxAgeSeconds: number; futureSeconds: number } | null> {
  const names = ['MAX_INFERENCE_AGE', 'FUTURE_TOLERANCE'] as const;
  const calls = names.map((functionName) => ({ to: verifier, data: encodeFunctionData({ abi, functionName }) }));
  const answers = await client.calls(calls, block);
  const [maxAgeSeconds, futureSeconds] = names.map((functionName, at) => {
    const data = answers[at];
    return data ? Number(decodeFunctionResult({ abi, functionName, data })) : null;
  });
  return maxAgeSeconds == null || futureSeconds == null ? null : { maxAgeSeconds, futureSeconds };
}
