import { decodeEventLog, parseAbi, toEventSelector } from 'viem';
import type { Hex } from '../../lib/facts.ts';
import { cleanText } from '../../lib/units.ts';
import { timeOf } from '../evm/blockTimes.ts';
import type { EvmClient } from '../evm/client.ts';
import { type EventPage, eventPages } from '../evm/eventPages.ts';
import type { RawLog } from '../evm/rawLog.ts';

/** OpenZeppelin's Governor, v4 and v5. Compound's Bravo logs the same types under the same names. */
const eventAbi = parseAbi([
  'event ProposalCreated(uint256 proposalId, address proposer, address[] targets, uint256[] values, string[] signatures, bytes[] calldatas, uint256 voteStart, uint256 voteEnd, string description)',
  'event ProposalQueued(uint256 proposalId, uint256 etaSeconds)',
  'event ProposalExecuted(uint256 proposalId)',
  'event ProposalCanceled(uint256 proposalId)',
  'event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason)',
  'event VoteCastWithParams(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason, bytes params)',
]);

const TOPICS = eventAbi.map((event) => toEventSelector(event));

const MAX_TITLE = 200;
const MAX_SUMMARY = 2_000;

/** A vote's `support`: 0 against, 1 for, 2 abstain. Others are of countings that are not read here (fractions). */
export const CHOICES = ['against', 'for', 'abstain'];

export interface CreatedProposal {
  kind: 'created';
  ref: string;
  /** Lower case. */
  proposer: string;
  /** The description's first line, without its marks, and the rest. Untrusted text, bounded. */
  title: string;
  summary: string;
  atSeconds: number;
}

export interface CastVote {
  kind: 'vote';
  ref: string;
  /** Lower case. */
  voter: string;
  support: number;
  weight: bigint;
  atSeconds: number;
}

/** `changed`: it was queued, executed or canceled; its state says which. */
export type GovernorEvent = CreatedProposal | CastVote | { kind: 'changed'; ref: string };

/** What a governor logged, from block to block, oldest first, page by page. Ends early when the signal aborts. */
export function governorLogs(
  client: EvmClient,
  governor: Hex,
  fromBlock: bigint,
  toBlock: bigint,
  signal: AbortSignal,
): AsyncGenerator<EventPage<GovernorEvent>> {
  const filter = { address: governor, topics: [TOPICS] };
  return eventPages(client, { filter, fromBlock, toBlock, signal }, decodeGovernorLog);
}

/** One log as an event; null when it is none. */
function decodeGovernorLog(log: RawLog, times: ReadonlyMap<Hex, number>): GovernorEvent | null {
  const atSeconds = timeOf(log, times);
  if (atSeconds === undefined) return null;
  let event: ReturnType<typeof decode>;
  try {
    event = decode(log);
  } catch {
    // Of another event that has the same name, or cut short.
    return null;
  }
  const ref = String(event.args.proposalId);
  if (event.eventName === 'ProposalCreated') {
    const { proposer, description } = event.args;
    return { kind: 'created', ref, proposer: proposer.toLowerCase(), ...wordsOf(description), atSeconds };
  }
  if (event.eventName === 'VoteCast' || event.eventName === 'VoteCastWithParams') {
    const { voter, support, weight } = event.args;
    return { kind: 'vote', ref, voter: voter.toLowerCase(), support, weight, atSeconds };
  }
  return { kind: 'changed', ref };
}

const decode = ({ topics, data }: RawLog) => decodeEventLog({ abi: eventAbi, topics: topics as [Hex, ...Hex[]], data });

function wordsOf(description: string): { title: string; summary: string } {
  // Cut first, so that cleaning costs no more than it must.
  const text = description.slice(0, (MAX_TITLE + MAX_SUMMARY) * 8).trimStart();
  const end = text.search(/[\r\n]/);
  const first = end === -1 ? text : text.slice(0, end);
  return {
    title: cleanText(first.replace(/^#+\s*/, ''), MAX_TITLE),
    summary: cleanText(end === -1 ? '' : text.slice(end), MAX_SUMMARY),
  };
}
