import { inferenceSet, operatorSet } from '../../insight/sets/nodes.ts';
import { publisherSet, useSet } from '../../insight/sets/publishers.ts';
import { validatorSet } from '../../insight/sets/validators.ts';
import { REGISTRY_SOURCE } from '../../lib/facts.ts';
import { networkOf, VALIDATOR_SOURCE } from '../../lib/governanceFacts.ts';
import { HUB_SOURCE, USE_SOURCE } from '../../lib/modelFacts.ts';
import { PROOF_SOURCE, SETTLEMENT_SOURCE, settlementCursor } from '../../lib/proofFacts.ts';
import { shortHex } from '../../lib/units.ts';
import type { NodeFacts, Store } from '../../store/store.ts';
import { knownFromSeconds } from '../logHistory.ts';
import type { Freshness } from './freshness.ts';
import type { SetMaker } from './maker.ts';

const NETWORK = networkOf(VALIDATOR_SOURCE);

/** Sums of weeks, which every answer moves a little, are made less often than they change. */
const SLOWLY_MS = 60_000;
const WINDOW_HOURS = 30 * 24;
const HOUR_SECONDS = 3_600;

/** Sets of OpenGradient itself: its validators, its nodes and their owners, its models and their authors. */
export function networkMakers(store: Store, freshness: Freshness): SetMaker[] {
  return [
    {
      everyMs: 0,
      stamp: () => freshness.ofGovernance([VALIDATOR_SOURCE]),
      make: () => validators(store),
    },
    {
      everyMs: 0,
      stamp: async () => freshness.of(REGISTRY_SOURCE, (await store.nodes.facts())?.readAtMs),
      make: () => operators(store),
    },
    {
      everyMs: SLOWLY_MS,
      // What cannot be checked is not counted, and would be missing.
      stamp: async () =>
        (await freshness.isFailing(PROOF_SOURCE)) ? null : await freshness.ofStatus(SETTLEMENT_SOURCE),
      make: () => inferences(store),
    },
    {
      everyMs: 0,
      stamp: () => freshness.ofStatus(HUB_SOURCE),
      make: () => publishers(store),
    },
    {
      everyMs: SLOWLY_MS,
      stamp: () => freshness.ofStatus(USE_SOURCE),
      make: () => uses(store),
    },
  ];
}

async function validators(store: Store) {
  const present = (await store.governance.validators(VALIDATOR_SOURCE)).filter(({ goneAtMs }) => goneAtMs === null);
  const read = (await store.governance.read()).find(({ source }) => source === VALIDATOR_SOURCE);
  // A chain has validators: without any they were not read.
  if (read === undefined || present.length === 0) return [];
  const input = { network: NETWORK, atSeconds: read.clockSeconds, words: 'staking module of the chain' };
  return [validatorSet(present, input)];
}

const ofRegistry = ({ registry }: NodeFacts) => ({
  network: NETWORK,
  atSeconds: registry.block.timestampSeconds,
  words: `TEERegistry ${shortHex(registry.registry)}, chain ${registry.chainId}`,
});

async function operators(store: Store) {
  const facts = await store.nodes.facts();
  return facts === null ? [] : [operatorSet(facts.nodes, ofRegistry(facts))];
}

async function inferences(store: Store) {
  const facts = await store.nodes.facts();
  if (facts === null) return [];
  const input = ofRegistry(facts);
  const toHour = Math.floor(input.atSeconds / HOUR_SECONDS);
  const fromHour = toHour - WINDOW_HOURS + 1;
  const rows = await store.proofs.byNode({ fromHour, toHour });
  const known = await knownFromSeconds(store, settlementCursor(facts.registry.chainId));
  const window = { fromSeconds: fromHour * HOUR_SECONDS, knownFromSeconds: known };
  return [
    inferenceSet(rows, facts.nodes, { ...input, ...window, words: `settlements on chain ${facts.registry.chainId}` }),
  ];
}

async function publishers(store: Store) {
  const { authors } = await store.models.authors();
  return [publisherSet(authors, await ofHub(store, HUB_SOURCE, 'model hub'))];
}

async function uses(store: Store) {
  // Before the hub was ever read nobody knows whose files they are.
  if (((await store.sources.get(HUB_SOURCE))?.lastSuccessAtMs ?? null) === null) return [];
  const counts = await store.models.authors();
  return [
    useSet(counts.authors, {
      ...counts,
      ...(await ofHub(store, USE_SOURCE, 'uses on chain, authors by the model hub')),
    }),
  ];
}

async function ofHub(store: Store, source: string, words: string) {
  const readAtMs = (await store.sources.get(source))?.lastSuccessAtMs ?? 0;
  return { network: NETWORK, atSeconds: Math.floor(readAtMs / 1000), words };
}
