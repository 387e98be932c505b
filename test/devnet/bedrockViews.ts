import type { Hex } from 'viem';
import { ADDRESS_VOTER_ABI, CLOCK_ABI, ESCROW_ABI, LOCK_NFT_ABI, QUEUE_ABI, TOKEN_VOTER_ABI } from './bedrockAbi.ts';
import type { BedrockAddresses, VoteForm } from './bedrockCalls.ts';
import type { BedrockChain } from './bedrockChain.ts';

/** What the contracts' own views answer at the end of one block; addresses in lower case. */
export interface BedrockView {
  blockNumber: bigint;
  epoch: number;
  /** null: the clock knows none. */
  season: number | null;
  votingActive: boolean;
  totalLockedWei: bigint;
  totalCastWei: bigint;
  gauges: { address: Hex; active: boolean; createdAtSeconds: number; text: string; votesWei: bigint }[];
  /** Every receipt there is. `holder`: who will get an exiting one back. */
  locks: { id: bigint; owner: Hex; amountWei: bigint; startSeconds: number; powerWei: bigint; holder: Hex | null }[];
  /** What stands, by lock token (decimal) or by address, then by gauge; who votes for nothing is absent. */
  standing: Map<string, Map<Hex, bigint>>;
}

const ZERO = /^0x0{40}$/;
const low = (address: string): Hex => address.toLowerCase() as Hex;
/** viem makes groups of a kilobyte otherwise. */
const BATCH = 10_000_000;

/**
 * Reads all of it in three calls, whatever the number of locks, through a multicall contract that stands where nobody
 * else looks for it. `voters` are the addresses to ask for, where votes are by address.
 */
export async function readBedrock(
  { client }: BedrockChain,
  multicallAddress: Hex,
  at: BedrockAddresses,
  {
    form,
    seasons,
    voters,
    blockNumber,
  }: { form: VoteForm; seasons: boolean; voters: readonly Hex[]; blockNumber: bigint },
): Promise<BedrockView> {
  const frame = { multicallAddress, blockNumber, batchSize: BATCH, allowFailure: false } as const;
  const escrow = { address: at.escrow, abi: ESCROW_ABI } as const;
  const clock = { address: at.clock, abi: CLOCK_ABI } as const;
  const nft = { address: at.lockNft, abi: LOCK_NFT_ABI } as const;
  const byToken = { address: at.voter, abi: TOKEN_VOTER_ABI } as const;
  const byAddress = { address: at.voter, abi: ADDRESS_VOTER_ABI } as const;

  const [epoch, votingActive, totalLockedWei, totalCastWei, gauges, supply] = await client.multicall({
    ...frame,
    contracts: [
      { ...clock, functionName: 'currentEpoch' },
      { ...clock, functionName: 'votingActive' },
      { ...escrow, functionName: 'totalLocked' },
      { ...byToken, functionName: 'totalVotingPowerCast' },
      { ...byToken, functionName: 'getAllGauges' },
      { ...nft, functionName: 'totalSupply' },
    ],
  });
  const [season, ids, gaugeRows, gaugeVotes] = await Promise.all([
    seasons ? client.readContract({ ...clock, functionName: 'currentSeasonIndex', blockNumber }) : null,
    client.multicall({
      ...frame,
      contracts: Array.from(
        { length: Number(supply) },
        (_, index) => ({ ...nft, functionName: 'tokenByIndex', args: [BigInt(index)] }) as const,
      ),
    }),
    client.multicall({
      ...frame,
      contracts: gauges.map((gauge) => ({ ...byToken, functionName: 'getGauge', args: [gauge] }) as const),
    }),
    client.multicall({
      ...frame,
      contracts: gauges.map((gauge) => ({ ...byToken, functionName: 'gaugeVotes', args: [gauge] }) as const),
    }),
  ]);
  const keys = form === 'token' ? ids.map(String) : voters.map(low);
  const each = <F extends string>(functionName: F) => ids.map((id) => ({ functionName, args: [id] as const }) as const);
  const [owners, locked, powers, holders, votedFor] = await Promise.all([
    client.multicall({ ...frame, contracts: each('ownerOf').map((call) => ({ ...nft, ...call }) as const) }),
    client.multicall({ ...frame, contracts: each('locked').map((call) => ({ ...escrow, ...call }) as const) }),
    client.multicall({ ...frame, contracts: each('votingPower').map((call) => ({ ...escrow, ...call }) as const) }),
    client.multicall({
      ...frame,
      contracts: each('ticketHolder').map((call) => ({ address: at.queue, abi: QUEUE_ABI, ...call }) as const),
    }),
    form === 'token'
      ? client.multicall({
          ...frame,
          contracts: each('gaugesVotedFor').map((call) => ({ ...byToken, ...call }) as const),
        })
      : client.multicall({
          ...frame,
          contracts: voters.map(
            (account) => ({ ...byAddress, functionName: 'gaugesVotedFor', args: [account] }) as const,
          ),
        }),
  ]);
  const pairs = keys.flatMap((key, index) => (votedFor[index] ?? []).map((gauge) => ({ key, gauge })));
  const values =
    form === 'token'
      ? await client.multicall({
          ...frame,
          contracts: pairs.map(
            ({ key, gauge }) => ({ ...byToken, functionName: 'votes', args: [BigInt(key), gauge] }) as const,
          ),
        })
      : await client.multicall({
          ...frame,
          contracts: pairs.map(
            ({ key, gauge }) => ({ ...byAddress, functionName: 'votes', args: [key as Hex, gauge] }) as const,
          ),
        });
  const standing = new Map<string, Map<Hex, bigint>>();
  for (const [index, { key, gauge }] of pairs.entries()) {
    const votes = standing.get(key) ?? new Map<Hex, bigint>();
    standing.set(key, votes.set(low(gauge), values[index] as bigint));
  }
  return {
    blockNumber,
    epoch: Number(epoch),
    season,
    votingActive,
    totalLockedWei,
    totalCastWei,
    gauges: gauges.map((address, index) => {
      const row = gaugeRows[index] as (typeof gaugeRows)[number];
      return {
        address: low(address),
        active: row.active,
        createdAtSeconds: Number(row.created),
        text: row.metadataURI,
        votesWei: gaugeVotes[index] as bigint,
      };
    }),
    locks: ids.map((id, index) => {
      const balance = locked[index] as (typeof locked)[number];
      const holder = holders[index] as Hex;
      return {
        id,
        owner: low(owners[index] as Hex),
        amountWei: balance.amount,
        startSeconds: balance.start,
        powerWei: powers[index] as bigint,
        holder: ZERO.test(holder) ? null : low(holder),
      };
    }),
    standing,
  };
}
