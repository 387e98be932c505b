import { encodeFunctionData, type Hex, maxUint256 } from 'viem';
import {
  ADDRESS_VOTER_ABI,
  CLOCK_ABI,
  ESCROW_ABI,
  LOCK_NFT_ABI,
  QUEUE_ABI,
  TOKEN_ABI,
  TOKEN_VOTER_ABI,
} from './bedrockAbi.ts';
import type { Call } from './bedrockChain.ts';

/** How votes are counted: by lock token, or, in the later voter, by address. */
export type VoteForm = 'token' | 'address';

export interface BedrockAddresses {
  token: Hex;
  escrow: Hex;
  clock: Hex;
  curve: Hex;
  queue: Hex;
  lockNft: Hex;
  /** The one that the escrow names now. */
  voter: Hex;
}

/** Weights of any scale, by gauge. */
export type Weights = readonly (readonly [gauge: Hex, weight: number | bigint])[];

/** Every transaction that someone may want to send, as a plain value: to send at once, or many in one block. */
export function bedrockCalls(at: BedrockAddresses, admin: Hex, form: () => VoteForm) {
  const escrow = (from: Hex, data: Hex): Call => ({ from, to: at.escrow, data });
  const voter = (from: Hex, data: Hex): Call => ({ from, to: at.voter, data });
  const nft = (from: Hex, data: Hex): Call => ({ from, to: at.lockNft, data });
  const token = (from: Hex, data: Hex): Call => ({ from, to: at.token, data });
  const ballot = (weights: Weights) => weights.map(([gauge, weight]) => ({ gauge, weight: BigInt(weight) }));
  return {
    mint: (to: Hex, amountWei: bigint): Call =>
      token(admin, encodeFunctionData({ abi: TOKEN_ABI, functionName: 'mint', args: [to, amountWei] })),
    send: (from: Hex, to: Hex, amountWei: bigint): Call =>
      token(from, encodeFunctionData({ abi: TOKEN_ABI, functionName: 'transfer', args: [to, amountWei] })),
    /** The escrow may take all of that wallet's tokens. */
    allow: (from: Hex): Call =>
      token(from, encodeFunctionData({ abi: TOKEN_ABI, functionName: 'approve', args: [at.escrow, maxUint256] })),
    createLock: (from: Hex, amountWei: bigint): Call =>
      escrow(from, encodeFunctionData({ abi: ESCROW_ABI, functionName: 'createLock', args: [amountWei] })),
    createLockFor: (from: Hex, amountWei: bigint, to: Hex): Call =>
      escrow(from, encodeFunctionData({ abi: ESCROW_ABI, functionName: 'createLockFor', args: [amountWei, to] })),
    /** Into the exit queue; not while the lock votes. */
    exit: (from: Hex, tokenId: bigint): Call =>
      escrow(from, encodeFunctionData({ abi: ESCROW_ABI, functionName: 'beginWithdrawal', args: [tokenId] })),
    /** Votes taken back by the escrow, which must be an operator of that wallet; then into the exit queue. */
    resetAndExit: (from: Hex, tokenId: bigint): Call =>
      escrow(
        from,
        encodeFunctionData({ abi: ESCROW_ABI, functionName: 'resetVotesAndBeginWithdrawal', args: [tokenId] }),
      ),
    withdraw: (from: Hex, tokenId: bigint): Call =>
      escrow(from, encodeFunctionData({ abi: ESCROW_ABI, functionName: 'withdraw', args: [tokenId] })),
    /** The operator may vote and move with every lock of that wallet. */
    approveOperator: (from: Hex, operator: Hex, approved = true): Call =>
      nft(
        from,
        encodeFunctionData({ abi: LOCK_NFT_ABI, functionName: 'setApprovalForAll', args: [operator, approved] }),
      ),
    enableTransfers: (): Call => nft(admin, encodeFunctionData({ abi: LOCK_NFT_ABI, functionName: 'enableTransfers' })),
    transfer: (from: Hex, to: Hex, tokenId: bigint): Call =>
      nft(from, encodeFunctionData({ abi: LOCK_NFT_ABI, functionName: 'transferFrom', args: [from, to, tokenId] })),
    /** By lock, `from` its owner or an operator; where votes are by address the lock is not looked at. */
    vote: (from: Hex, tokenId: bigint, weights: Weights): Call =>
      voter(
        from,
        form() === 'token'
          ? encodeFunctionData({ abi: TOKEN_VOTER_ABI, functionName: 'vote', args: [tokenId, ballot(weights)] })
          : encodeFunctionData({ abi: ADDRESS_VOTER_ABI, functionName: 'vote', args: [ballot(weights)] }),
      ),
    voteMultiple: (from: Hex, tokenIds: readonly bigint[], weights: Weights): Call =>
      voter(
        from,
        encodeFunctionData({ abi: TOKEN_VOTER_ABI, functionName: 'voteMultiple', args: [tokenIds, ballot(weights)] }),
      ),
    reset: (from: Hex, tokenId: bigint): Call =>
      voter(
        from,
        form() === 'token'
          ? encodeFunctionData({ abi: TOKEN_VOTER_ABI, functionName: 'reset', args: [tokenId] })
          : encodeFunctionData({ abi: ADDRESS_VOTER_ABI, functionName: 'reset' }),
      ),
    createGauge: (gauge: Hex, metadata: string): Call =>
      voter(admin, encodeFunctionData({ abi: TOKEN_VOTER_ABI, functionName: 'createGauge', args: [gauge, metadata] })),
    activateGauge: (gauge: Hex): Call =>
      voter(admin, encodeFunctionData({ abi: TOKEN_VOTER_ABI, functionName: 'activateGauge', args: [gauge] })),
    deactivateGauge: (gauge: Hex): Call =>
      voter(admin, encodeFunctionData({ abi: TOKEN_VOTER_ABI, functionName: 'deactivateGauge', args: [gauge] })),
    renameGauge: (gauge: Hex, metadata: string): Call =>
      voter(
        admin,
        encodeFunctionData({ abi: TOKEN_VOTER_ABI, functionName: 'updateGaugeMetadata', args: [gauge, metadata] }),
      ),
    /** Announced now, in force from the next weekly checkpoint. */
    newSeason: (): Call => ({
      from: admin,
      to: at.clock,
      data: encodeFunctionData({ abi: CLOCK_ABI, functionName: 'newSeason' }),
    }),
    /** true: votes are taken at any time, for fast runs. */
    alwaysOpen: (open: boolean): Call => ({
      from: admin,
      to: at.clock,
      data: encodeFunctionData({ abi: CLOCK_ABI, functionName: 'setAlwaysOpen', args: [open] }),
    }),
    /** Fee: 1e18 is all of it. */
    exitRules: (cooldownSeconds: number, minLockSeconds: number, feePercent: bigint): Call => ({
      from: admin,
      to: at.queue,
      data: encodeFunctionData({
        abi: QUEUE_ABI,
        functionName: 'setRules',
        args: [cooldownSeconds, minLockSeconds, feePercent],
      }),
    }),
    setParts: (): Call =>
      escrow(
        admin,
        encodeFunctionData({ abi: ESCROW_ABI, functionName: 'setParts', args: [at.curve, at.queue, at.lockNft] }),
      ),
    /** Says nothing in the logs. */
    setVoter: (address: Hex): Call =>
      escrow(admin, encodeFunctionData({ abi: ESCROW_ABI, functionName: 'setVoter', args: [address] })),
  };
}
