import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem';
import { isClosed, type VoteReading } from '../../lib/governanceFacts.ts';
import { type ChainProposal, type GovParams, paramsOf, proposalOf, tallyOf, voteOf } from './govProposal.ts';
import { ask, decoded, PAGE_STRUCTS, type Precompile, readPages } from './precompile.ts';

const govAbi = parseAbi([
  ...PAGE_STRUCTS,
  'struct Coin { string denom; uint256 amount; }',
  'struct TallyResult { string yes; string abstain; string no; string noWithVeto; }',
  'struct WeightedVoteOption { uint8 option; string weight; }',
  'struct Proposal { uint64 id; string[] messages; uint32 status; TallyResult finalTallyResult; uint64 submitTime; uint64 depositEndTime; Coin[] totalDeposit; uint64 votingStartTime; uint64 votingEndTime; string metadata; string title; string summary; address proposer; }',
  'struct WeightedVote { uint64 proposalId; address voter; WeightedVoteOption[] options; string metadata; }',
  'struct GovParams { int64 votingPeriod; Coin[] minDeposit; int64 maxDepositPeriod; string quorum; string threshold; string vetoThreshold; string minInitialDepositRatio; string proposalCancelRatio; string proposalCancelDest; int64 expeditedVotingPeriod; string expeditedThreshold; Coin[] expeditedMinDeposit; bool burnVoteQuorum; bool burnProposalDepositPrevote; bool burnVoteVeto; string minDepositRatio; }',
  'function getParams() view returns (GovParams params)',
  'function getProposal(uint64 proposalId) view returns (Proposal proposal)',
  'function getProposals(uint32 proposalStatus, address voter, address depositor, PageRequest pagination) view returns (Proposal[] proposals, PageResponse pageResponse)',
  'function getTallyResult(uint64 proposalId) view returns (TallyResult tallyResult)',
  'function getVotes(uint64 proposalId, PageRequest pagination) view returns (WeightedVote[] votes, PageResponse pageResponse)',
]);

const NOBODY = '0x0000000000000000000000000000000000000000';
const ANY_STATUS = 0;

/** A summary may have 10 kB (x/gov), so a page some hundreds. */
const PROPOSALS_A_PAGE = 50;
const VOTES_A_PAGE = 200;
/** Of one proposal; anyone may vote, also without power. */
const MAX_VOTES = 5_000;
const PORTION = 50;

/** Parameters of today; null where the chain does not serve them. Rejects with AssayError. */
export async function readGovParams(at: Precompile): Promise<GovParams | null> {
  const functionName = 'getParams';
  const [answer = null] = await ask(at, [encodeFunctionData({ abi: govAbi, functionName })]);
  if (answer === null) return null;
  return paramsOf(
    decoded(at, 'getParams()', answer, (data) => decodeFunctionResult({ abi: govAbi, functionName, data })),
  );
}

/** The newest `max` proposals of every status, newest first, each once. Rejects with AssayError. */
export async function readProposals(
  at: Precompile,
  max = PROPOSALS_A_PAGE,
): Promise<{ proposals: ChainProposal[]; isComplete: boolean }> {
  const functionName = 'getProposals';
  const { items, isComplete } = await readPages(at, {
    call: 'getProposals()',
    encode: (page) => encodeFunctionData({ abi: govAbi, functionName, args: [ANY_STATUS, NOBODY, NOBODY, page] }),
    decode: (data) => {
      const [proposals, { nextKey }] = decodeFunctionResult({ abi: govAbi, functionName, data });
      return { items: proposals.map(proposalOf), nextKey };
    },
    pageSize: PROPOSALS_A_PAGE,
    max,
    reverse: true,
  });
  const unique = new Map<bigint, ChainProposal>();
  for (const proposal of items) {
    const listed = unique.get(proposal.id);
    // Of two that disagree the open one: a result that is told cannot be taken back.
    if (listed === undefined || (isClosed(listed.status) && !isClosed(proposal.status)))
      unique.set(proposal.id, proposal);
  }
  return { proposals: [...unique.values()].sort((a, b) => (a.id > b.id ? -1 : 1)), isComplete };
}

/** One after the other; null where the chain has none of that number (any more). Rejects with AssayError. */
export async function readProposalsById(at: Precompile, ids: readonly bigint[]): Promise<(ChainProposal | null)[]> {
  const functionName = 'getProposal';
  const answers = await inPortions(at, ids, (id) => encodeFunctionData({ abi: govAbi, functionName, args: [id] }));
  return answers.map((answer, index) => {
    if (answer === null) return null;
    const proposal = decoded(at, 'getProposal()', answer, (data) =>
      proposalOf(decodeFunctionResult({ abi: govAbi, functionName, data })),
    );
    return proposal.id === ids[index] ? proposal : null;
  });
}

/** How the votes of proposals stand that are being voted on, in the order of CHOICES; null where the chain does not say. Rejects with AssayError. */
export async function readTallies(at: Precompile, ids: readonly bigint[]): Promise<(bigint[] | null)[]> {
  const functionName = 'getTallyResult';
  const answers = await inPortions(at, ids, (id) => encodeFunctionData({ abi: govAbi, functionName, args: [id] }));
  return answers.map((answer) =>
    answer === null
      ? null
      : decoded(at, 'getTallyResult()', answer, (data) =>
          tallyOf(decodeFunctionResult({ abi: govAbi, functionName, data })),
        ),
  );
}

/**
 * Votes on a proposal, each voter once; they are there while it is being voted on, and pruned after that. `isComplete`: these are
 * all, and all could be read. Rejects with AssayError.
 */
export async function readVotes(at: Precompile, id: bigint): Promise<{ votes: VoteReading[]; isComplete: boolean }> {
  const functionName = 'getVotes';
  const { items, isComplete } = await readPages(at, {
    call: 'getVotes()',
    encode: (page) => encodeFunctionData({ abi: govAbi, functionName, args: [id, page] }),
    decode: (data) => {
      const [votes, { nextKey }] = decodeFunctionResult({ abi: govAbi, functionName, data });
      return { items: votes.map(voteOf), nextKey };
    },
    pageSize: VOTES_A_PAGE,
    max: MAX_VOTES,
  });
  const readable = items.filter((vote) => vote !== null);
  return {
    votes: [...new Map(readable.map((vote) => [vote.voter, vote])).values()],
    isComplete: isComplete && readable.length === items.length,
  };
}

async function inPortions(
  at: Precompile,
  ids: readonly bigint[],
  encode: (id: bigint) => `0x${string}`,
): Promise<(`0x${string}` | null)[]> {
  const answers: (`0x${string}` | null)[] = [];
  for (let from = 0; from < ids.length; from += PORTION) {
    answers.push(...(await ask(at, ids.slice(from, from + PORTION).map(encode))));
  }
  return answers;
}
