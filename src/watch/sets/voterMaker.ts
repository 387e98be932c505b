import { setImmediate as turn } from 'node:timers/promises';
import { VoterCount } from '../../insight/sets/voters.ts';
import type { SetReading } from '../../lib/influence.ts';
import { plural } from '../../lib/units.ts';
import type { StoredProposal } from '../../store/governanceRepository.ts';
import type { Store } from '../../store/store.ts';
import type { Freshness } from './freshness.ts';
import type { SetMaker } from './maker.ts';

const WINDOW_SECONDS = 90 * 86_400;
/** Proposals that are looked at, open and ended ones each. */
const MAX_PROPOSALS = 500;
/** Votes that are read and counted in one turn. */
const PAGE = 5_000;

/** Voters on the proposals of one network, which may be read from several sources: only of all of them together. */
export function voterMaker(store: Store, network: string, sources: readonly string[], freshness: Freshness): SetMaker {
  let made: { of: string; set: SetReading | null } | null = null;
  return {
    everyMs: 0,
    stamp: () => freshness.ofGovernance(sources),

    async make() {
      const read = (await store.governance.read()).filter(({ source }) => sources.includes(source));
      const atSeconds = Math.max(...read.map(({ clockSeconds }) => clockSeconds));
      const { rows: open, total } = await store.governance.proposals({
        ...{ sources, statuses: ['voting'], limit: MAX_PROPOSALS, offset: 0 },
      });
      const closed = await store.governance.endedSince(sources, atSeconds - WINDOW_SECONDS, MAX_PROPOSALS);
      const any = await store.governance.proposals({ sources, statuses: [], limit: 1, offset: 0 });
      // Where nothing was ever proposed there is no vote to speak of.
      if (any.total === 0) return [];
      const all = [...closed, ...open].sort((a, b) => endOf(b) - endOf(a));
      const isCut = closed.length === MAX_PROPOSALS || total > open.length;
      const words = `${sources.join(', ')}: ${plural(all.length, 'proposal')} of 90 days${isCut ? ', the newest ones' : ''}`;
      const input = { network, atSeconds, words };
      // A chain is asked every minute, and nearly always nobody has voted since.
      const of = dependsOn(store.governance.votesVersion(), all);
      if (made?.of !== of) made = { of, set: (await counted(store, all)).set(input) };
      return made.set === null ? [] : [{ ...made.set, atSeconds, words }];
    },
  };
}

/** Votes are read a page at a time: there may be hundreds of thousands. */
async function counted(store: Store, all: readonly StoredProposal[]): Promise<VoterCount> {
  const newest = all.find(({ storedVotes }) => storedVotes > 0) ?? all[0];
  const count = new VoterCount(newest?.terms.unit ?? null);
  for (const proposal of all) {
    count.add(proposal);
    let after: string | undefined = proposal.storedVotes > 0 ? '' : undefined;
    while (after !== undefined) {
      const page = await store.governance.votePage(proposal.id, after, PAGE);
      count.addVotes(proposal, page);
      after = page.length < PAGE ? undefined : page.at(-1)?.voter;
      await turn();
    }
  }
  return count;
}

/** What the set is made of, but for its time and words, as a text. */
const dependsOn = (votesVersion: number, all: readonly StoredProposal[]): string =>
  JSON.stringify([
    votesVersion,
    all.map(({ id, terms: { unit, shielded }, votesReadAtMs }) => [id, unit, shielded, votesReadAtMs === null]),
  ]);

const endOf = ({ endAtSeconds }: StoredProposal): number => endAtSeconds ?? Number.MAX_SAFE_INTEGER;
