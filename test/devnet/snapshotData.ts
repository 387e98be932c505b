import { createHash } from 'node:crypto';
import type { Field } from './graphql.ts';
import { LISTINGS, listed } from './snapshotQuery.ts';

export type Choice = number | number[] | Record<string, number> | string;

export interface NewSnapshotProposal {
  space?: string;
  title?: string;
  body?: string;
  type?: 'basic' | 'single-choice' | 'approval' | 'quadratic' | 'weighted' | 'ranked-choice';
  choices?: string[];
  /** Unix seconds; default from now for three days. */
  startSeconds?: number;
  endSeconds?: number;
  createdSeconds?: number;
  author?: string;
  quorum?: number;
  snapshot?: string;
  /** `shutter`: choices are encrypted until the end. */
  privacy?: '' | 'shutter';
  /** Further fields, as they are. */
  extra?: Record<string, unknown>;
}

interface Space {
  id: string;
  created: number;
  [field: string]: unknown;
}

interface Proposal {
  id: string;
  space: Space;
  created: number;
  start: number;
  end: number;
  type: string;
  choices: string[];
  privacy: string;
  /** As they are told instead of those counted. */
  extra: Record<string, unknown>;
  [field: string]: unknown;
}

interface Vote {
  id: string;
  voter: string;
  created: number;
  choice: Choice;
  vp: number;
  proposal: Proposal;
  [field: string]: unknown;
}

const STRATEGY = { name: 'erc20-balance-of', network: '1', params: { symbol: 'VOTE', decimals: 18 } };
const THREE_DAYS = 259_200;

/** What a hub holds, and how it shows it. Times are unix seconds by `nowSeconds`. */
export function snapshotData(nowSeconds: () => number, isPending: () => boolean) {
  const spaces: Space[] = [];
  const proposals: Proposal[] = [];
  const votes: Vote[] = [];
  let made = 0;
  const newId = (): string => {
    made += 1;
    return `0x${createHash('sha256').update(`snapshot ${made}`).digest('hex')}`;
  };
  const find = (id: string): Proposal => {
    const found = proposals.find((one) => one.id === id);
    if (found === undefined) throw new Error(`the hub has no proposal ${id}`);
    return found;
  };

  function shownProposal(one: Proposal): Proposal {
    const now = nowSeconds();
    const own = votes.filter(({ proposal }) => proposal === one);
    const closed = now > one.end;
    const hidden = one.privacy === 'shutter' && !closed;
    const scores = one.choices.map((_, index) => (hidden ? 0 : own.reduce((sum, vote) => sum + share(vote, index), 0)));
    return {
      ...one,
      state: closed ? 'closed' : now > one.start ? 'active' : 'pending',
      votes: own.length,
      scores,
      scores_by_strategy: scores.map((score) => [score]),
      scores_total: own.reduce((sum, { vp }) => sum + vp, 0),
      scores_state: closed && !isPending() ? 'final' : 'pending',
      scores_updated: now,
      link: `https://snapshot.box/#/s:${one.space.id}/proposal/${one.id}`,
      ...one.extra,
    };
  }
  function shownVote(one: Vote, proposal: Proposal): Vote {
    const hidden = one.proposal.privacy === 'shutter' && nowSeconds() <= one.proposal.end;
    const secret = `0x${createHash('sha512').update(one.id).digest('hex')}`;
    return { ...one, proposal, choice: hidden ? secret : one.choice };
  }
  const shownSpace = (one: Space): Space => ({
    ...one,
    proposalsCount: proposals.filter(({ space }) => space === one).length,
  });

  /** What one field of a question is answered with. Throws LimitError. */
  function resolve({ name, args }: Field): unknown {
    if (name === 'space') return spaces.filter(({ id }) => id === args.id).map(shownSpace)[0] ?? null;
    if (name === 'proposal') return proposals.filter(({ id }) => id === args.id).map(shownProposal)[0] ?? null;
    if (name === 'vp') {
      const { vp, vp_by_strategy, vp_state } = votes.find(
        ({ voter, proposal }) => voter === args.voter && proposal.id === args.proposal,
      ) ?? { vp: 0, vp_by_strategy: [0], vp_state: 'final' };
      return { vp, vp_by_strategy, vp_state };
    }
    if (name === 'spaces') return listed(spaces.map(shownSpace), LISTINGS.spaces, args);
    if (name === 'proposals') return listed(proposals.map(shownProposal), LISTINGS.proposals, args);
    const shown = new Map<Proposal, Proposal>();
    return listed(votes, LISTINGS.votes, args).map((vote) => {
      const proposal = shown.get(vote.proposal) ?? shownProposal(vote.proposal);
      shown.set(vote.proposal, proposal);
      return shownVote(vote, proposal);
    });
  }

  function addSpace(id: string, about: Record<string, unknown> = {}): Space {
    const space: Space = {
      ...{ id, created: nowSeconds(), name: id, about: '', network: '1', symbol: 'VOTE', private: false },
      ...{ admins: [], members: [], moderators: [], strategies: [STRATEGY], followersCount: 0, votesCount: 0 },
      voting: { delay: null, period: null, type: null, quorum: null, privacy: '', hideAbstain: false },
      ...about,
    };
    spaces.push(space);
    return space;
  }

  return {
    resolve,
    addSpace,
    /** Resolves to its id. The space is made when there is none. Texts go out as they are, hostile ones too. */
    propose(about: NewSnapshotProposal = {}): string {
      const { space = 'devnet.eth', startSeconds = nowSeconds() - 1, type = 'basic', extra = {} } = about;
      const id = newId();
      proposals.push({
        id,
        ipfs: `bafy${id.slice(2, 40)}`,
        space: spaces.find((one) => one.id === space) ?? addSpace(space),
        title: about.title ?? `Proposal ${proposals.length + 1}`,
        body: about.body ?? '',
        type,
        choices: about.choices ?? ['For', 'Against', 'Abstain'],
        created: about.createdSeconds ?? startSeconds,
        updated: null,
        start: startSeconds,
        end: about.endSeconds ?? startSeconds + THREE_DAYS,
        author: about.author ?? '0x00000000000000000000000000000000000A11cE',
        quorum: about.quorum ?? 0,
        quorumType: 'default',
        snapshot: about.snapshot ?? '20000000',
        privacy: about.privacy ?? '',
        ...{ network: '1', symbol: 'VOTE', discussion: '', app: 'snapshot', flagged: false, strategies: [STRATEGY] },
        extra,
      });
      return id;
    },
    /** `choice` counts from 1. A second vote of the same voter replaces the first, under a new id. */
    vote(proposal: string, voter: string, choice: Choice, vp: number, about: Record<string, unknown> = {}): string {
      const one = find(proposal);
      const before = votes.findIndex((vote) => vote.proposal === one && vote.voter === voter);
      if (before !== -1) votes.splice(before, 1);
      const id = newId();
      votes.push({
        ...{ id, ipfs: `bafy${id.slice(2, 40)}`, voter, created: nowSeconds(), choice, vp, proposal: one },
        ...{ space: one.space, vp_by_strategy: [vp], vp_state: 'final', reason: '', app: 'snapshot', metadata: {} },
        ...about,
      });
      return id;
    },
    /** Anything of a proposal changed: its end, its title, its sums (`extra`). */
    change(proposal: string, about: Record<string, unknown>): void {
      Object.assign(find(proposal), about);
    },
    /** Deleted by its author, with its votes. */
    remove(proposal: string): void {
      const one = find(proposal);
      proposals.splice(proposals.indexOf(one), 1);
      for (let at = votes.length - 1; at >= 0; at -= 1) if (votes[at]?.proposal === one) votes.splice(at, 1);
    },
  };
}

/** What one vote adds to a choice. Of a ranked one only the first choice counts (the hub counts instant run-offs). */
function share({ choice, vp, proposal }: Vote, index: number): number {
  if (typeof choice === 'number') return choice === index + 1 ? vp : 0;
  if (typeof choice === 'string') return 0;
  if (Array.isArray(choice)) {
    const counted = proposal.type === 'ranked-choice' ? choice.slice(0, 1) : choice;
    return counted.includes(index + 1) ? vp : 0;
  }
  const sum = Object.values(choice).reduce((total, weight) => total + weight, 0);
  return sum === 0 ? 0 : (vp * (choice[String(index + 1)] ?? 0)) / sum;
}
