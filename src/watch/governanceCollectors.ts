import type { GovernanceRow } from '../lib/governanceRow.ts';
import type { Collector } from './collector.ts';
import { curveCollector } from './curveCollector.ts';
import type { GovernanceTools } from './governanceTools.ts';
import { governorCollector } from './governorCollector.ts';
import { holdersCollector } from './holdersCollector.ts';
import { snapshotCollector } from './snapshotCollector.ts';
import { veCollector } from './veCollector.ts';

/** A collector that may read a history beside its rounds. */
type Reader = Collector & { settled?(): Promise<void> };

const COLLECTOR_OF: {
  [K in GovernanceRow['kind']]: (row: Extract<GovernanceRow, { kind: K }>, tools: GovernanceTools) => Reader;
} = {
  've-season': veCollector,
  curve: curveCollector,
  governor: governorCollector,
  snapshot: snapshotCollector,
  holders: holdersCollector,
};

export interface GovernanceCollectors {
  collectors: Collector[];
  /** Resolves when no history is being read any more. */
  settled(): Promise<void>;
}

/** One collector for each row of configuration; each asks sources of its own, and none waits for another. */
export function governanceCollectors(rows: readonly GovernanceRow[], tools: GovernanceTools): GovernanceCollectors {
  const collectors = rows.map((row) =>
    (COLLECTOR_OF[row.kind] as (row: GovernanceRow, tools: GovernanceTools) => Reader)(row, tools),
  );
  return {
    collectors,
    async settled() {
      await Promise.all(collectors.map((collector) => collector.settled?.()));
    },
  };
}
