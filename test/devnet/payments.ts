import { encodeFunctionData, type Hex } from 'viem';
import { DEFAULT_OWNER, startChain } from './chain.ts';
import type { Artifact } from './compile.ts';
import { DEFAULT_PAYER } from './settlements.ts';

/** A second chain, where inference is paid for: one token, and transfers of it. */
export async function startPayments(startSeconds: number) {
  const chain = await startChain({ chainId: 8_453, startSeconds });
  const artifact = chain.contracts.Payments as Artifact;
  const [token] = (await chain.deployAll([{ artifact }])) as [Hex];
  return {
    chain,
    token,
    /** So many payments in one transaction, each its own Transfer. */
    pay(times = 1, { payee = DEFAULT_OWNER, payer = DEFAULT_PAYER, amount = 10n ** 16n } = {}): Promise<Hex> {
      const args = [payer, payee, amount, BigInt(times)];
      return chain.transact(token, encodeFunctionData({ abi: artifact.abi, functionName: 'move', args }));
    },
    env: {
      BASE_RPC_URLS: chain.rpcUrl,
      BASE_CHAIN_ID: String(chain.chainId),
      BASE_PAYMENT_TOKEN: token,
      BASE_PAYEES: DEFAULT_OWNER,
    },
    close: (): Promise<void> => chain.close(),
  };
}
