import { encodeAbiParameters, encodeFunctionData, type Hex } from 'viem';
import type { DevChain } from './chain.ts';
import type { Artifact } from './compile.ts';

export const WEEK_SECONDS = 604_800;

export interface CurveOptions {
  /** Made at once, of one type with weight 1; default three. */
  gauges?: readonly Hex[];
  /** Between two votes of one user for one gauge; Curve's is ten days. */
  voteDelaySeconds?: number;
}

const GAUGES: readonly Hex[] = [
  '0x00000000000000000000000000000000009a0001',
  '0x00000000000000000000000000000000009a0002',
  '0x00000000000000000000000000000000009a0003',
];
const LOCK_GAS = { gas: 60_000_000n };

export type DevCurve = Awaited<ReturnType<typeof deployCurve>>;

/**
 * A Curve-style VotingEscrow and GaugeController on any chain, by their published maths. Anybody's locks and votes are sent
 * by one account. As on Curve, votes count from the next Thursday 00:00 UTC on, and a week that nobody has filled in by a
 * vote or `checkpoint` has no weights.
 */
export async function deployCurve(chain: DevChain, options: CurveOptions = {}) {
  const { gauges = GAUGES, voteDelaySeconds = 864_000 } = options;
  const contract = (name: string): Artifact => chain.contracts[name] as Artifact;
  const words = (...addresses: Hex[]): Hex =>
    encodeAbiParameters(
      addresses.map(() => ({ type: 'address' })),
      addresses,
    );
  const [token] = (await chain.deployAll([{ artifact: contract('CurveToken') }])) as [Hex];
  const [escrow] = (await chain.deployAll([{ artifact: contract('CurveEscrow'), args: words(token) }])) as [Hex];
  const [controller] = (await chain.deployAll([
    { artifact: contract('CurveController'), args: words(token, escrow) },
  ])) as [Hex];
  const { number: startBlock } = await chain.client.getBlock();
  const onEscrow = (functionName: string, ...args: unknown[]): Promise<Hex> =>
    chain.transact(
      escrow,
      encodeFunctionData({ abi: contract('CurveEscrow').abi, functionName: `${functionName}_as`, args }),
      LOCK_GAS,
    );
  const onController = (functionName: string, ...args: unknown[]): Promise<Hex> =>
    chain.transact(
      controller,
      encodeFunctionData({ abi: contract('CurveController').abi, functionName, args }),
      LOCK_GAS,
    );
  const mint = (to: Hex, amount: bigint): Promise<Hex> =>
    chain.transact(
      token,
      encodeFunctionData({ abi: contract('CurveToken').abi, functionName: 'mint', args: [to, amount] }),
    );
  await onController('add_type', 'Liquidity', 10n ** 18n);
  for (const gauge of gauges) await onController('add_gauge', gauge, 0n, 0n);
  if (voteDelaySeconds !== 864_000) await onController('set_vote_delay', BigInt(voteDelaySeconds));

  return {
    chain,
    token,
    escrow,
    controller,
    gauges,
    startBlock,
    mint,
    /** Until so many seconds from now, rounded down to a Thursday. */
    lock(who: Hex, amount: bigint, seconds: number): Promise<Hex> {
      return onEscrow('create_lock', who, amount, BigInt(chain.nowSeconds() + seconds));
    },
    increaseAmount: (who: Hex, amount: bigint): Promise<Hex> => onEscrow('increase_amount', who, amount),
    /** By someone else: type 0 in the log. */
    depositFor: (who: Hex, amount: bigint): Promise<Hex> => onEscrow('deposit_for', who, amount),
    increaseTime: (who: Hex, seconds: number): Promise<Hex> =>
      onEscrow('increase_unlock_time', who, BigInt(chain.nowSeconds() + seconds)),
    withdraw: (who: Hex): Promise<Hex> => onEscrow('withdraw', who),
    /** In ten thousandths of the voter's power; 0 takes the vote away. */
    vote: (who: Hex, gauge: Hex, weightBps: number): Promise<Hex> =>
      onController('vote_for_gauge_weights_as', who, gauge, BigInt(weightBps)),
    addGauge: (gauge: Hex, weight = 0n): Promise<Hex> => onController('add_gauge', gauge, 0n, weight),
    setVoteDelay: (seconds: number): Promise<Hex> => onController('set_vote_delay', BigInt(seconds)),
    /** The weeks up to now are filled in. */
    async checkpoint(): Promise<void> {
      for (const gauge of gauges) await onController('checkpoint_gauge', gauge);
    },
    /** On to the first second of the next week. */
    async nextWeek(): Promise<void> {
      const now = chain.nowSeconds();
      await chain.mine(WEEK_SECONDS - (now % WEEK_SECONDS));
    },
  };
}

/** The row of GOVERNANCE_SOURCES that reads it. */
export function curveRow(
  { chain, escrow, controller, startBlock }: DevCurve,
  { network = 'curved', rpcUrl = chain.rpcUrl, intervalSeconds = 1 } = {},
) {
  return {
    kind: 'curve',
    network,
    rpcUrls: [rpcUrl],
    chainId: chain.chainId,
    startBlock: Number(startBlock),
    confirmations: 1,
    escrow,
    controller,
    intervalSeconds,
  } as const;
}
