import { REGISTRY_SOURCE } from '../lib/facts.ts';
import type { GovernanceKind } from '../lib/governanceFacts.ts';
import { SET_SOURCE } from '../lib/influence.ts';
import { HUB_SOURCE, STORAGE_SOURCE, USE_SOURCE } from '../lib/modelFacts.ts';
import { FACILITATOR_SOURCE, PAYMENT_SOURCE, PROOF_SOURCE, SETTLEMENT_SOURCE } from '../lib/proofFacts.ts';
import type { BotContext } from './context.ts';

/** What readers call a source, in the order in which sources are listed. */
const NAMES: ReadonlyMap<string, string> = new Map([
  [REGISTRY_SOURCE, 'Registry'],
  ['opengradient.gateways', 'Gateways'],
  [HUB_SOURCE, 'Model hub'],
  [STORAGE_SOURCE, 'Storage (Walrus)'],
  [USE_SOURCE, 'Use of models'],
  [SETTLEMENT_SOURCE, 'Settlements'],
  [PROOF_SOURCE, 'Proof checks'],
  [FACILITATOR_SOURCE, 'Facilitator'],
  [PAYMENT_SOURCE, 'Payments on Base'],
  [SET_SOURCE, 'Who decides (sets)'],
]);

const PARTS: Readonly<Record<GovernanceKind, string>> = {
  cosmos: 'proposals',
  validators: 'validators',
  've-season': 'locks and gauges',
  curve: 'locks and gauges',
  governor: 'governor',
  snapshot: 'Snapshot',
  holders: 'token holders',
};

/** A source that nobody named is called by its own name. */
export function sourceName(source: string, governance: BotContext['governance'] = []): string {
  for (const { title, origins } of governance) {
    const origin = origins.find((one) => one.source === source);
    if (origin !== undefined) return `${title}: ${PARTS[origin.kind]}`;
  }
  return NAMES.get(source) ?? source;
}

/** What there should be a status of: what is configured, and what always is. */
export function sourcesOf({ hub, storage, use, facilitator, payments }: BotContext['configured']): {
  on: string[];
  off: string[];
} {
  const optional = new Map([
    [HUB_SOURCE, hub],
    [STORAGE_SOURCE, storage],
    [USE_SOURCE, use],
    [FACILITATOR_SOURCE, facilitator],
    [PAYMENT_SOURCE, payments],
  ]);
  const all = [...NAMES.keys()];
  return {
    on: all.filter((source) => optional.get(source) !== false),
    off: all.filter((source) => optional.get(source) === false),
  };
}
