import { decodeFunctionData, decodeFunctionResult, encodeFunctionData, encodeFunctionResult, type Hex } from 'viem';
import type { DevChain } from './chain.ts';
import type { Artifact } from './compile.ts';
import { deployValidators, POWER_UNIT } from './validators.ts';

export const GOV_PRECOMPILE: Hex = '0x0000000000000000000000000000000000000805';

const STATUS_CODE = { deposit: 1, voting: 2, passed: 3, rejected: 4, failed: 5 } as const;
const OPTION_CODE = { yes: 1, abstain: 2, no: 3, veto: 4 } as const;

export type VoteOption = keyof typeof OPTION_CODE;

export interface NewProposal {
  title?: string;
  summary?: string;
  /** Type URLs. */
  messages?: string[];
  metadata?: string;
  proposer?: Hex;
  /** Chain time; default two days from now. */
  endSeconds?: number;
  /** Voting begins at once, unless the deposit is still short. */
  status?: 'deposit' | 'voting';
  /** Default: the next one. */
  id?: bigint;
  /** Sent through the EVM: with a SubmitProposal log. */
  evm?: boolean;
}

interface HowToVote {
  /** Sent through the EVM: with a Vote or VoteWeighted log. */
  evm?: boolean;
  metadata?: string;
}

const TWO_DAYS = 172_800;
const NANOSECONDS = 10n ** 9n;
const NO_TALLY = { yes: '0', abstain: '0', no: '0', noWithVeto: '0' };
/** As the SDK starts with: periods in nanoseconds, shares as decimal texts. */
const GOV_PARAMS = {
  votingPeriod: BigInt(TWO_DAYS) * NANOSECONDS,
  minDeposit: [{ denom: 'ogwei', amount: 10n * POWER_UNIT }],
  maxDepositPeriod: BigInt(TWO_DAYS) * NANOSECONDS,
  quorum: '0.334000000000000000',
  threshold: '0.500000000000000000',
  vetoThreshold: '0.334000000000000000',
  minInitialDepositRatio: '0.000000000000000000',
  proposalCancelRatio: '0.500000000000000000',
  proposalCancelDest: '',
  expeditedVotingPeriod: 86_400n * NANOSECONDS,
  expeditedThreshold: '0.667000000000000000',
  expeditedMinDeposit: [{ denom: 'ogwei', amount: 50n * POWER_UNIT }],
  burnVoteQuorum: false,
  burnProposalDepositPrevote: false,
  burnVoteVeto: true,
  minDepositRatio: '0.010000000000000000',
};
/** Enough to drop some hundred votes. */
const GAS = 100_000_000n;

export type Governance = Awaited<ReturnType<typeof deployGovernance>>;

/**
 * The gov precompile of a chain, and (`validators`) staking and slashing. As on the real chain: a proposal in its voting
 * period has a tally that runs and a final one of zeros; one that is finished has a final tally and no votes. What is
 * done here leaves no log unless `evm` asks for it. Times are chain times in seconds.
 */
export async function deployGovernance(chain: DevChain, { validators: count = 5 } = {}) {
  const artifact = chain.contracts.GovPrecompile as Artifact;
  await chain.client.setCode({ address: GOV_PRECOMPILE, bytecode: artifact.deployed });
  const validators = await deployValidators(chain, count);
  const send = (functionName: string, ...args: unknown[]): Promise<Hex> =>
    chain.transact(GOV_PRECOMPILE, encodeFunctionData({ abi: artifact.abi, functionName, args }), { gas: GAS });
  let params = GOV_PARAMS;
  await send('putParams', params);
  let lastId = 0n;
  const empties = { getProposals: 0, getVotes: 0 };
  /** A validator by its name, anyone else by address. */
  const voterOf = (voter: string): Hex => (voter.startsWith('0x') ? (voter as Hex) : validators.find(voter).address);

  const voteWith = async (
    id: bigint,
    voter: string,
    options: { option: VoteOption; weight: string }[],
    { evm = false, metadata = '' }: HowToVote,
  ): Promise<void> => {
    const coded = options.map(({ option, weight }) => ({ option: OPTION_CODE[option], weight }));
    const vote = { proposalId: id, voter: voterOf(voter), options: coded, metadata };
    await send(evm ? 'voteWithLog' : 'putVote', vote);
  };
  const held = async (id: bigint): Promise<object> => {
    const call = { abi: artifact.abi, functionName: 'getProposal' };
    const { data } = await chain.client.call({
      to: GOV_PRECOMPILE,
      data: encodeFunctionData({ ...call, args: [id] }),
    });
    return decodeFunctionResult({ ...call, data: data ?? '0x' }) as object;
  };

  return {
    address: GOV_PRECOMPILE,
    validators,
    /** Resolves to the proposal's id. Texts go out as they are, hostile ones too. */
    async submit(about: NewProposal = {}): Promise<bigint> {
      const { id = lastId + 1n, status = 'voting', endSeconds = chain.nowSeconds() + TWO_DAYS, evm = false } = about;
      if (id > lastId) lastId = id;
      const now = BigInt(chain.nowSeconds());
      const votes = status === 'voting';
      await send(evm ? 'submitWithLog' : 'putProposal', {
        id,
        messages: about.messages ?? ['/cosmos.gov.v1.MsgExecLegacyContent'],
        status: STATUS_CODE[status],
        finalTallyResult: NO_TALLY,
        submitTime: now,
        depositEndTime: now + BigInt(TWO_DAYS),
        totalDeposit: votes ? params.minDeposit : [],
        votingStartTime: votes ? now : 0n,
        votingEndTime: votes ? BigInt(endSeconds) : 0n,
        metadata: about.metadata ?? '',
        title: about.title ?? `Proposal ${id}`,
        summary: about.summary ?? '',
        proposer: about.proposer ?? '0x00000000000000000000000000000000000a11ce',
      });
      return id;
    },
    /** The deposit of one is complete: voting begins now. */
    async openVoting(id: bigint, endSeconds = chain.nowSeconds() + TWO_DAYS): Promise<void> {
      const times = { votingStartTime: BigInt(chain.nowSeconds()), votingEndTime: BigInt(endSeconds) };
      const rest = { status: STATUS_CODE.voting, totalDeposit: params.minDeposit };
      await send('putProposal', { ...(await held(id)), ...times, ...rest });
    },
    /** `voter`: the name of a validator, or an address. A second vote replaces the first. */
    vote(id: bigint, voter: string, option: VoteOption, how: HowToVote = {}): Promise<void> {
      return voteWith(id, voter, [{ option, weight: '1.000000000000000000' }], how);
    },
    /** Weights are decimal texts that add up to 1. */
    voteWeighted(id: bigint, voter: string, options: { option: VoteOption; weight: string }[], how: HowToVote = {}) {
      return voteWith(id, voter, options, how);
    },
    moveEnd: (id: bigint, endSeconds: number): Promise<Hex> => send('putEnd', id, BigInt(endSeconds)),
    /** The last tally is kept; the votes are deleted, unless `prune` is false. */
    finish(id: bigint, result: 'passed' | 'rejected' | 'failed', { prune = true } = {}): Promise<Hex> {
      return send('finish', id, STATUS_CODE[result], prune);
    },
    /** Gone, as when the deposit never came. */
    remove: (id: bigint): Promise<Hex> => send('dropProposal', id),
    /** The votes only: what a reader sees that comes too late. */
    prune: (id: bigint): Promise<Hex> => send('dropVotes', id),
    async setParams(some: Partial<typeof GOV_PARAMS>): Promise<void> {
      params = { ...params, ...some };
      await send('putParams', params);
    },
    setConstitution: (text: string): Promise<Hex> => send('putConstitution', text),
    /** Every proposal and every vote is listed twice, until it is said otherwise. */
    setRepeats: (on: boolean): Promise<Hex> => send('putRepeats', on),
    /** The next so many answers of it are empty, behind an RpcProxy whose `instead` is `emptyAnswer` (as in startWorld). */
    emptyNext(what: 'proposals' | 'votes', times = 1): void {
      empties[what === 'proposals' ? 'getProposals' : 'getVotes'] += times;
    },
    /** How many of those are still to come. */
    emptiesLeft: (what: 'proposals' | 'votes'): number => empties[what === 'proposals' ? 'getProposals' : 'getVotes'],
    /** For an RpcProxy's `instead`: the empty list when it is due, else null. */
    emptyAnswer(method: string, callParams: readonly unknown[]): Hex | null {
      const { to, data } = (callParams[0] ?? {}) as { to?: string; data?: Hex };
      if (method !== 'eth_call' || to?.toLowerCase() !== GOV_PRECOMPILE || data === undefined) return null;
      const { functionName } = decodeFunctionData({ abi: artifact.abi, data });
      if (functionName !== 'getProposals' && functionName !== 'getVotes') return null;
      if (empties[functionName] === 0) return null;
      empties[functionName] -= 1;
      const nothing: unknown[] = [[], { nextKey: '0x', total: 0n }];
      return encodeFunctionResult({ abi: artifact.abi, functionName, result: nothing });
    },
  };
}
