import { decodeEventLog, encodeAbiParameters, encodeFunctionData, type Hex, parseAbi } from 'viem';
import type { DevChain } from './chain.ts';
import type { Artifact } from './compile.ts';

const CREATED = parseAbi([
  'event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description)',
]);
const SUPPORT = { against: 0, for: 1, abstain: 2 } as const;

export interface GovernorOptions {
  /** The clock counts seconds instead of blocks; so do delay and period. */
  byTime?: boolean;
  votingDelay?: number;
  votingPeriod?: number;
  /** Of the total supply. */
  quorumPercent?: number;
}

export type DevGovernor = Awaited<ReturnType<typeof deployGovernor>>;

/**
 * A Governor with an IVotes token on any chain. Anybody's votes, delegations and proposals are sent by one account, and
 * each call is a block of its own unless the chain runs.
 */
export async function deployGovernor(chain: DevChain, options: GovernorOptions = {}) {
  const { byTime = false, votingDelay = 1, votingPeriod = 50, quorumPercent = 4 } = options;
  const contract = (name: string): Artifact => chain.contracts[name] as Artifact;
  const tokenArgs = encodeAbiParameters([{ type: 'bool' }], [byTime]);
  const [token] = (await chain.deployAll([{ artifact: contract('DevVotesToken'), args: tokenArgs }])) as [Hex];
  const governorArgs = encodeAbiParameters(
    [{ type: 'address' }, { type: 'uint256' }, { type: 'uint256' }, { type: 'uint256' }],
    [token, BigInt(votingDelay), BigInt(votingPeriod), BigInt(quorumPercent)],
  );
  const [governor] = (await chain.deployAll([{ artifact: contract('DevGovernor'), args: governorArgs }])) as [Hex];
  const { number: startBlock } = await chain.client.getBlock();
  const onToken = (functionName: string, ...args: unknown[]): Promise<Hex> =>
    chain.transact(token, encodeFunctionData({ abi: contract('DevVotesToken').abi, functionName, args }));
  const onGovernor = (functionName: string, ...args: unknown[]): Promise<Hex> =>
    chain.transact(governor, encodeFunctionData({ abi: contract('DevGovernor').abi, functionName, args }));

  return {
    chain,
    token,
    governor,
    startBlock,
    mint: (to: Hex, amount: bigint): Promise<Hex> => onToken('mint', to, amount),
    transfer: (from: Hex, to: Hex, amount: bigint): Promise<Hex> => onToken('transferAs', from, to, amount),
    delegate: (delegator: Hex, to: Hex): Promise<Hex> => onToken('delegateAs', delegator, to),
    /** Tokens, and the votes of them. */
    async mintVotes(to: Hex, amount: bigint): Promise<void> {
      await onToken('mint', to, amount);
      await onToken('delegateAs', to, to);
    },
    /** Resolves to the proposal's id. The description goes out as it is. */
    async propose(proposer: Hex, description: string): Promise<bigint> {
      const hash = await onGovernor('proposeAs', proposer, [governor], [0n], ['0x'], description);
      const { logs } = await chain.client.getTransactionReceipt({ hash });
      const [log] = logs;
      if (log === undefined) throw new Error('the proposal left no log');
      return decodeEventLog({ abi: CREATED, data: log.data, topics: log.topics }).args.proposalId;
    },
    /** With `params` the event is VoteCastWithParams. */
    vote(id: bigint, voter: Hex, support: keyof typeof SUPPORT, reason = '', params: Hex = '0x'): Promise<Hex> {
      return onGovernor('castVoteAs', voter, id, SUPPORT[support], reason, params);
    },
    /** Another deadline, by the clock of the governor. */
    extend: (id: bigint, deadline: bigint): Promise<Hex> => onGovernor('extend', id, deadline),
    queue: (id: bigint, etaSeconds: number): Promise<Hex> => onGovernor('queue', id, etaSeconds),
    execute: (id: bigint): Promise<Hex> => onGovernor('execute', id),
    cancel: (id: bigint): Promise<Hex> => onGovernor('cancel', id),
    setQuorumPercent: (percent: number): Promise<Hex> => onGovernor('setQuorumNumerator', BigInt(percent)),
    /** Mined until the clock of the governor is beyond that point. */
    async passTime(amount: number): Promise<void> {
      if (byTime) await chain.mine(amount);
      else for (let block = 0; block < amount; block += 1) await chain.mine();
    },
  };
}

/** The row of GOVERNANCE_SOURCES that reads it. */
export function governorRow(
  { chain, governor, startBlock }: DevGovernor,
  { network = 'governed', rpcUrl = chain.rpcUrl, intervalSeconds = 1 } = {},
) {
  return {
    kind: 'governor',
    network,
    rpcUrls: [rpcUrl],
    chainId: chain.chainId,
    startBlock: Number(startBlock),
    confirmations: 1,
    governor,
    intervalSeconds,
  } as const;
}
