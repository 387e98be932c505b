import { toSeconds } from '../lib/clock.ts';
import { shortHex } from '../lib/units.ts';
import type { Action, Line, Tone, View } from '../lib/view.ts';
import type { AlertFacts, Sample } from './rule.ts';

export const PROOF_FAMILY = 'proof';

/** What every sample of the family has: by the chain's clock. */
export const proofSample = (
  { chainSeconds }: AlertFacts,
  sample: Pick<Sample, 'subject' | 'verdict' | 'level' | 'detail'> & Partial<Sample>,
): Sample => ({ nodeId: null, owner: null, value: null, ...sample, atSeconds: chainSeconds });

/** Telegram takes 64 bytes with a button: `r:proof check ` and so many. A hash that is cut is none, so the whole has to fit. */
const MAX_IN_BUTTON = 49;

/** A button that checks a proof; none where what it is known by does not fit. */
export const checkButton = (what: unknown): Action[] =>
  typeof what === 'string' && /^[\w-]+$/.test(what) && what.length <= MAX_IN_BUTTON
    ? [{ label: 'Check', command: `proof check ${what}`, mode: 'reply' }]
    : [];

export const delayButton: Action = { label: 'Delays', command: 'proof delay', mode: 'reply' };

interface Words {
  headline: string;
  about: string;
  tone: Tone;
  lines: Line[];
  actions?: Action[];
  /** Besides the settlements on chain. */
  sources?: string[];
}

/** The frame that all alerts about proofs share. */
export const proofAlert = ({ about, sources = [], ...words }: Words, facts: AlertFacts): View => ({
  ...words,
  title: about === '' ? words.headline : `${words.headline}: ${about}`,
  asOf: toSeconds(facts.proofs?.readAtMs ?? facts.nowMs),
  sources: [settlementsOf(facts), ...sources],
});

const settlementsOf = ({ facts }: AlertFacts): string =>
  facts === null ? 'settlements on chain' : `settlements on chain ${facts.registry.chainId}`;

/** `transaction 0x12ab34…ef90`. */
export const transactionWords = (txHash: unknown): string => `transaction ${shortHex(String(txHash))}`;
