import type { Hex } from '../../lib/facts.ts';
import { GOVERNANCE_SOURCE, networkOf, PART_OF } from '../../lib/governanceFacts.ts';
import type { GovernanceRow } from '../../lib/governanceRow.ts';
import type { Store } from '../../store/store.ts';
import { Freshness } from './freshness.ts';
import { gaugeMaker } from './gaugeMaker.ts';
import type { SetMaker } from './maker.ts';
import { networkMakers } from './networkMakers.ts';
import { voterMaker } from './voterMaker.ts';

/** What there may be sets of, as it is configured. */
export interface SetSources {
  governance: readonly GovernanceRow[];
  /** null: proposals of the network's own chain are not read. */
  govPrecompile: Hex | null;
}

/** Makers of every set but `holders`, which are kept by whoever reads them. */
export function setMakers(store: Store, { governance, govPrecompile }: SetSources, startedAtMs: number): SetMaker[] {
  const freshness = new Freshness(store, startedAtMs);
  const sourcesOf = (...kinds: GovernanceRow['kind'][]): string[] =>
    governance.filter(({ kind }) => kinds.includes(kind)).map(({ network, kind }) => `${network}.${PART_OF[kind]}`);
  const proposals = [...(govPrecompile === null ? [] : [GOVERNANCE_SOURCE]), ...sourcesOf('governor', 'snapshot')];
  return [
    ...networkMakers(store, freshness),
    ...sourcesOf('ve-season', 'curve').map((source) => gaugeMaker(store, source, freshness)),
    ...[...Map.groupBy(proposals, networkOf)].map(([network, sources]) =>
      voterMaker(store, network, sources, freshness),
    ),
  ];
}
