import { parseAbi } from 'viem';
import { AssayError } from '../../lib/errors.ts';
import type { BlockRef, Hex } from '../../lib/facts.ts';
import type { ProposalStatus, Unit } from '../../lib/governanceFacts.ts';
import { cleanText, shortHex } from '../../lib/units.ts';
import { Views } from '../evm/abiCalls.ts';
import type { CallReader } from '../evm/multicall.ts';

const viewAbi = parseAbi([
  'function state(uint256 proposalId) view returns (uint8)',
  'function proposalSnapshot(uint256 proposalId) view returns (uint256)',
  'function proposalDeadline(uint256 proposalId) view returns (uint256)',
  'function proposalVotes(uint256 proposalId) view returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes)',
  'function quorum(uint256 timepoint) view returns (uint256)',
  'function COUNTING_MODE() view returns (string)',
  'function CLOCK_MODE() view returns (string)',
  'function token() view returns (address)',
  'function votingPeriod() view returns (uint256)',
  // Compound's Bravo.
  'function proposals(uint256 proposalId) view returns (uint256 id, address proposer, uint256 eta, uint256 startBlock, uint256 endBlock, uint256 forVotes, uint256 againstVotes, uint256 abstainVotes, bool canceled, bool executed)',
  'function quorumVotes() view returns (uint256)',
  // IVotes and ERC-20.
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
  'function totalSupply() view returns (uint256)',
  'function getPastTotalSupply(uint256 timepoint) view returns (uint256)',
]);

/** IGovernor.ProposalState; `expired` passed and was not executed in time. */
const STATES: readonly ProposalStatus[] = [
  'pending',
  'voting',
  'canceled',
  'rejected',
  'passed',
  'queued',
  'failed',
  'executed',
];

/** How a governor counts, which does not change while it stands. */
export interface GovernorAbout {
  token: Hex | null;
  unit: Unit;
  /** Its times are unix seconds; otherwise block numbers. */
  byTime: boolean;
  quorumChoices: number[];
}

/** Where a proposal stands. What a governor does not serve is null. */
export interface GovernorProposal {
  status: ProposalStatus;
  /** When votes are counted from and until: block numbers, or unix seconds. */
  snapshot: bigint | null;
  deadline: bigint | null;
  /** Against, for, abstain. */
  tally: bigint[] | null;
  quorum: bigint | null;
  eligible: bigint | null;
  eligibleWords: string;
}

const UNKNOWN_UNIT: Unit = { symbol: 'votes', decimals: 0 };

/** Rejects with AssayError, also when what stands there is no governor. */
export async function readGovernor(
  reader: CallReader,
  block: BlockRef,
  { governor, token: configured }: { governor: Hex; token: Hex | null },
): Promise<GovernorAbout> {
  const views = new Views(viewAbi, reader, block);
  const asked = ['CLOCK_MODE', 'COUNTING_MODE', 'token', 'votingPeriod'] as const;
  const { CLOCK_MODE, COUNTING_MODE, token: own, votingPeriod } = await views.named(governor, asked);
  if (votingPeriod === null) {
    const detail = `${governor} has no votingPeriod() at block ${block.number}: check the row in GOVERNANCE_SOURCES`;
    throw new AssayError(`there is no governor at ${shortHex(governor)}`, { retryable: true, detail });
  }
  const token = configured ?? own;
  const { symbol, decimals } = await views.named(token, ['symbol', 'decimals']);
  const hasUnit = decimals !== null && decimals <= 36;
  return {
    token,
    unit: hasUnit ? { symbol: cleanText((symbol ?? '').slice(0, 100), 12) || 'votes', decimals } : UNKNOWN_UNIT,
    byTime: CLOCK_MODE !== null && new URLSearchParams(CLOCK_MODE).get('mode') === 'timestamp',
    quorumChoices: quorumChoices(COUNTING_MODE),
  };
}

/** `support=bravo&quorum=for,abstain`; Bravo itself, which says nothing, counts those for. */
function quorumChoices(countingMode: string | null): number[] {
  const counted = new URLSearchParams(countingMode ?? '').get('quorum')?.split(',') ?? ['bravo'];
  const found = [
    ...(counted.includes('against') ? [0] : []),
    ...(counted.includes('for') || counted.includes('bravo') ? [1] : []),
    ...(counted.includes('abstain') ? [2] : []),
  ];
  return found.length > 0 ? found : [1];
}

/** In order; null where the governor knows no such proposal. Rejects with AssayError. */
export async function readGovernorProposals(
  reader: CallReader,
  block: BlockRef,
  { governor, about }: { governor: Hex; about: GovernorAbout },
  ids: readonly bigint[],
): Promise<(GovernorProposal | null)[]> {
  const views = new Views(viewAbi, reader, block);
  const of = <N extends 'state' | 'proposalSnapshot' | 'proposalDeadline' | 'proposalVotes' | 'proposals'>(name: N) =>
    views.all<N>(ids.map((id) => ({ to: governor, name, args: [id] as never })));
  const [states, snapshots, deadlines, votes] = await Promise.all([
    of('state'),
    of('proposalSnapshot'),
    of('proposalDeadline'),
    of('proposalVotes'),
  ]);
  const isBravo = votes.some((answer) => answer === null);
  const bravo = isBravo ? await of('proposals') : ids.map(() => null);
  const timepoints = ids.map((_, at) => snapshots[at] ?? bravo[at]?.[3] ?? null);
  // Before its time comes neither is answered: a refusal like any other.
  const at = timepoints.map((timepoint) => ({ args: [timepoint ?? 0n] as const }));
  const [quorums, supplies, [fixedQuorum], [supply]] = await Promise.all([
    views.all(at.map((asked) => ({ to: governor, name: 'quorum', ...asked }))),
    views.all(at.map((asked) => ({ to: about.token, name: 'getPastTotalSupply', ...asked }))),
    views.all([{ to: governor, name: 'quorumVotes' }]),
    views.all([{ to: about.token, name: 'totalSupply' }]),
  ]);
  return ids.map((_, index): GovernorProposal | null => {
    const state = states[index];
    if (state == null) return null;
    const status = STATES[state] ?? 'unknown';
    const isKnownSince = timepoints[index] != null && status !== 'pending';
    const past = isKnownSince ? (supplies[index] ?? null) : null;
    const isOpen = status === 'voting' || status === 'pending';
    return {
      status,
      snapshot: timepoints[index] ?? null,
      deadline: deadlines[index] ?? bravo[index]?.[4] ?? null,
      tally: status === 'pending' ? null : tallyOf(votes[index] ?? null, bravo[index] ?? null),
      quorum: (isKnownSince ? quorums[index] : null) ?? fixedQuorum ?? null,
      eligible: past ?? (isOpen && status !== 'pending' ? (supply ?? null) : null),
      eligibleWords: past === null ? 'supply when it was read' : 'supply at the snapshot',
    };
  });
}

function tallyOf(
  votes: readonly [bigint, bigint, bigint] | null,
  bravo: readonly [bigint, Hex, bigint, bigint, bigint, bigint, bigint, bigint, boolean, boolean] | null,
): bigint[] | null {
  if (votes !== null) return [...votes];
  return bravo === null ? null : [bravo[6], bravo[5], bravo[7]];
}
