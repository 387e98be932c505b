import { setImmediate as turn } from 'node:timers/promises';
import { isClosed, PROPOSAL_STATUSES } from '../lib/governanceFacts.ts';
import type { OpenClient } from './client.ts';
import type { GovernanceRepository, StoredProposal, StoredVote } from './governanceRepository.ts';
import { readSources } from './governanceSources.ts';
import { join, jsonRows, type Sql, sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import { NEWEST_FIRST, readProposals, readProposalsById, storable } from './proposalRows.ts';
import { readValidators } from './validatorRows.ts';
import { HEAVIEST_FIRST, heaviestFirst, readVotes } from './voteRows.ts';

/** Of shorter ones too much may begin alike. */
const MIN_BEGINNING = 8;

/** Votes whose rows are made in one turn: some 20 ms. */
const VOTES_AT_ONCE = 5_000;

const CLOSED = PROPOSAL_STATUSES.filter(isClosed);

/** A list of texts; of none, nothing is one. */
const among = (column: Sql, texts: readonly string[]): Sql =>
  texts.length === 0 ? sql`1 = 0` : sql`${column} IN (${join(texts)})`;

/** What is asked of proposals, votes and validators; each question is one or two statements. */
export function createGovernanceQueries({
  prisma,
  dialect,
}: OpenClient): Omit<GovernanceRepository, 'facts' | 'votesVersion' | 'saveProposals' | 'saveValidators'> {
  const bySource = (sources: readonly string[]) => among(sql`p."source"`, sources);

  const votePage = (proposalId: number, afterVoter: string, limit: number): Promise<StoredVote[]> =>
    readVotes(
      prisma,
      dialect,
      sql`SELECT v.* FROM "Vote" v WHERE v."proposalId" = ${proposalId} AND v."voter" > ${afterVoter}
        ORDER BY v."voter" LIMIT ${limit}`,
      ['voter'],
    );

  /** Of each of these proposals, by id, heaviest first. */
  async function votesOfAll(proposals: readonly StoredProposal[]): Promise<Map<number, StoredVote[]>> {
    const found = new Map(proposals.map(({ id }) => [id, [] as StoredVote[]]));
    for (const some of portionsOf(proposals)) {
      await turn();
      const ids = some.map(({ id }) => ({ id }));
      const [one] = ids.length === 1 ? ids : [];
      if (one === undefined) {
        const query = sql`SELECT v.* FROM ${jsonRows(dialect, ids, { id: 'int' })} AS r
          JOIN "Vote" v ON v."proposalId" = r."id"`;
        for (const vote of await readVotes(prisma, dialect, query)) found.get(vote.proposalId)?.push(vote);
      } else {
        for (let page: StoredVote[] | null = null; page === null || page.length === VOTES_AT_ONCE; await turn()) {
          page = await votePage(one.id, page?.at(-1)?.voter ?? '', VOTES_AT_ONCE);
          found.get(one.id)?.push(...page);
        }
      }
      for (const { id } of ids) found.get(id)?.sort(heaviestFirst);
    }
    return found;
  }

  const endedSince = (sources: readonly string[], fromSeconds: number, limit: number): Promise<StoredProposal[]> => {
    const end = sql`coalesce(p."endAtSeconds", p."closedAtSeconds")`;
    return readProposals(
      prisma,
      dialect,
      sql`SELECT p.* FROM "Proposal" p WHERE ${bySource(sources)} AND ${among(sql`p."status"`, CLOSED)}
        AND ${end} >= ${toBig(fromSeconds)} ORDER BY ${NEWEST_FIRST} LIMIT ${limit}`,
    );
  };

  /** Of the first source that has one; the exact ref is looked for in all of them before. */
  const firstOf = (sources: readonly string[], found: readonly StoredProposal[]): StoredProposal | null =>
    sources.map((source) => found.find((proposal) => proposal.source === source)).find((one) => one !== undefined) ??
    null;

  return {
    async proposals({ sources, statuses, limit, offset }) {
      const which = sql`${sources.length === 0 ? sql`1 = 1` : bySource(sources)}
        AND ${statuses.length === 0 ? sql`1 = 1` : among(sql`p."status"`, statuses)}`;
      const page = sql`SELECT p.* FROM "Proposal" p WHERE ${which} ORDER BY ${NEWEST_FIRST} LIMIT ${limit} OFFSET ${offset}`;
      const [count] = await prisma.$queryRaw<{ total: number | bigint }[]>(
        sql`SELECT count(*) AS "total" FROM "Proposal" p WHERE ${which}`,
      );
      return { rows: await readProposals(prisma, dialect, page), total: Number(count?.total ?? 0) };
    },

    async findProposal(sources, typed) {
      const ref = storable(typed);
      const exact = sql`SELECT p.* FROM "Proposal" p WHERE ${bySource(sources)} AND p."ref" = ${ref}`;
      const found = firstOf(sources, await readProposals(prisma, dialect, exact));
      if (found !== null || ref.length < MIN_BEGINNING) return found;
      const begins = sql`SELECT p.* FROM "Proposal" p WHERE ${bySource(sources)}
        AND lower(substr(p."ref", 1, ${ref.length})) = ${ref.toLowerCase()}`;
      const all = await readProposals(prisma, dialect, begins);
      const first = firstOf(sources, all);
      // What two begin with names neither.
      return first === null || all.filter(({ source }) => source === first.source).length > 1 ? null : first;
    },

    byIds: (ids) => readProposalsById(prisma, dialect, ids),

    async votes(proposalId, limit) {
      const query = sql`SELECT v.* FROM "Vote" v WHERE v."proposalId" = ${proposalId}
        ORDER BY ${HEAVIEST_FIRST} LIMIT ${limit}`;
      return (await readVotes(prisma, dialect, query)).sort(heaviestFirst);
    },

    votePage,

    async votesOf(voter, sources, limit) {
      const query = sql`SELECT v.* FROM "Vote" v JOIN "Proposal" p ON p."id" = v."proposalId"
        WHERE v."voter" = ${storable(voter.toLowerCase())} AND ${bySource(sources)}
        ORDER BY ${NEWEST_FIRST} LIMIT ${limit}`;
      const votes = new Map((await readVotes(prisma, dialect, query)).map((vote) => [vote.proposalId, vote]));
      const proposals = await readProposalsById(prisma, dialect, [...votes.keys()]);
      return proposals.flatMap((proposal) => {
        const vote = votes.get(proposal.id);
        return vote === undefined ? [] : [{ vote, proposal }];
      });
    },

    endedSince,

    async closedSince(sources, fromSeconds, limit) {
      const proposals = await endedSince(sources, fromSeconds, limit);
      const votes = await votesOfAll(proposals);
      return proposals.map((proposal) => ({ proposal, votes: votes.get(proposal.id) ?? [] }));
    },

    validators: (source) => readValidators(prisma, dialect, sql`SELECT * FROM "Validator" WHERE "source" = ${source}`),

    read: () => readSources(prisma),
  };
}

/** In their order, together with at most so many votes as are read at once; one with more is alone. */
function portionsOf(proposals: readonly StoredProposal[]): StoredProposal[][] {
  const portions: StoredProposal[][] = [];
  let room = 0;
  for (const proposal of proposals) {
    const last = portions.at(-1);
    if (last !== undefined && proposal.storedVotes <= room) last.push(proposal);
    else {
      portions.push([proposal]);
      room = VOTES_AT_ONCE;
    }
    room -= proposal.storedVotes;
  }
  return portions;
}
