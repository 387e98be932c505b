import type { Db, OpenClient } from './client.ts';
import { createGovernanceQueries } from './governanceQueries.ts';
import type { GovernanceRepository } from './governanceRepository.ts';
import { HeldFacts } from './heldFacts.ts';
import { HeldVotes } from './heldVotes.ts';
import { loadGovernanceFacts } from './loadGovernanceFacts.ts';
import { saveProposalRows } from './saveProposals.ts';
import { saveValidatorRows } from './saveValidators.ts';
import type { Writer } from './writer.ts';

export function createGovernance(client: OpenClient, write: Writer): GovernanceRepository {
  const { dialect } = client;
  const votes = new HeldVotes(client);
  let votesVersion = 0;
  const cache = new HeldFacts((nowMs) => loadGovernanceFacts(client, votes, nowMs));

  /** A write after which the facts are read anew, with the votes of the proposals that it answers. */
  async function change(job: (db: Db) => Promise<ReadonlySet<number>>): Promise<void> {
    let touched: ReadonlySet<number> | null = null;
    try {
      touched = await write(job);
    } finally {
      votes.drop(touched);
      if (touched === null || touched.size > 0) votesVersion += 1;
      cache.drop();
    }
  }

  return {
    ...createGovernanceQueries(client),
    facts: (nowMs) => cache.get(nowMs),
    votesVersion: () => votesVersion,
    saveProposals: (input) => change((db) => saveProposalRows(db, dialect, input)),
    saveValidators: (input) =>
      change(async (db) => {
        await saveValidatorRows(db, dialect, input);
        return new Set();
      }),
  };
}
