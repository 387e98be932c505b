import { nodeLabel } from '../insight/nodeLabel.ts';
import { cleanText, shortHex } from '../lib/units.ts';
import type { StoredProofWatch } from '../store/proofRepository.ts';
import type { SubscriptionScope } from '../store/store.ts';
import type { BotContext } from './context.ts';
import { shortBlob } from './findModel.ts';
import { type NetworkFacts, readNetwork } from './networkFacts.ts';
import { everything } from './targets.ts';

/** What stored targets are called beside what they keep themselves. */
export interface Names {
  network: NetworkFacts | null;
  /** What is followed with /proof watch, in words, by its number. */
  watches: ReadonlyMap<string, string>;
}

/** The names that these subscriptions need. */
export async function readNames(
  context: BotContext,
  subscriptions: readonly { scope: SubscriptionScope; subject: string }[],
): Promise<Names> {
  const ids = subscriptions.filter(({ scope }) => scope === 'watch').map(({ subject }) => Number(subject));
  const [network, watches] = await Promise.all([
    readNetwork(context),
    ids.length === 0 ? [] : context.store.proofs.watches(ids),
  ]);
  return { network, watches: new Map(watches.map((watch) => [String(watch.id), watchWords(watch)])) };
}

const WATCH_STATE = {
  waiting: 'waits for its proof',
  settled: 'settled',
  invalid: 'its proof is invalid',
  expired: 'expired, never proven',
  failed: 'its transaction failed',
} as const;

/** `request 0x12ab34…ef90: waits for its proof` */
const watchWords = ({ kind, hash, state }: Pick<StoredProofWatch, 'kind' | 'hash' | 'state'>): string =>
  `${kind === 'tx' ? 'transaction' : 'request'} ${shortHex(hash)} (${WATCH_STATE[state]})`;

/** A stored target in words: `all nodes`, `nodes of 0x12…ab`, `node gw3.example`, `model acme/fraud`. */
export function targetWords(
  { family, scope, subject }: { family: string; scope: SubscriptionScope; subject: string },
  { network, watches }: Names,
): string {
  switch (scope) {
    case 'all':
      return everything(family);
    case 'owner':
      return `${family === 'proof' ? 'proofs of nodes' : `${family}s`} of ${family === 'model' ? cleanText(subject, 60) : shortHex(subject)}`;
    case 'model':
      return `model ${cleanText(subject, 80)}`;
    case 'blob':
      return `upload ${shortBlob(subject)}`;
    case 'network':
      return `governance of ${cleanText(subject, 40)}`;
    case 'voter':
      return `votes of ${shortHex(subject)}`;
    case 'watch':
      return `the proof of ${watches.get(subject) ?? 'an answer that is not known any more'}`;
    case 'node': {
      const node = network?.nodes.find(({ id }) => String(id) === subject);
      const words = node ? `node ${nodeLabel(node)}` : 'a node that is no longer registered';
      return family === 'proof' ? `proofs of ${words}` : words;
    }
  }
}
