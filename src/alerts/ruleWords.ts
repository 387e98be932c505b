import { REGISTRY_SOURCE } from '../lib/facts.ts';
import { HUB_SOURCE, STORAGE_SOURCE, USE_SOURCE } from '../lib/modelFacts.ts';
import { PROOF_SOURCE, SETTLEMENT_SOURCE } from '../lib/proofFacts.ts';
import { duration } from '../lib/units.ts';
import type { Rule } from './rule.ts';

/** A rule in words, one phrase for each question that a reader has; the same in chats and in the README. */
export interface RuleWords {
  /** What it means, a sentence. */
  meaning: string;
  /** `late (info) after 2 min, missed (warning) at once`. */
  levels: string;
  clears: string;
  /** What a subscription may ask for instead; null where nothing is measured. */
  threshold: string | null;
  /** What it is read from. */
  source: string;
}

const SOURCES: Readonly<Record<string, string>> = {
  [REGISTRY_SOURCE]: 'the TEERegistry',
  [HUB_SOURCE]: 'the model hub',
  [STORAGE_SOURCE]: 'blob storage',
  [USE_SOURCE]: 'model use on chain',
  [SETTLEMENT_SOURCE]: 'settlements on chain',
  [PROOF_SOURCE]: 'proofs, checked',
};

export function ruleWords({ summary, levels, clearSeconds, clears, threshold, dependsOn, readFrom }: Rule): RuleWords {
  return {
    meaning: summary,
    levels: Object.entries(levels)
      .map(([name, { severity, forSeconds }]) => `${name} (${severity}) ${forWords(forSeconds)}`)
      .join(', '),
    clears: clearSeconds === 0 ? clears : `${clears} for ${duration(clearSeconds)}`,
    threshold:
      threshold === null
        ? null
        : `${threshold.what}, ${duration(threshold.min)} to ${duration(threshold.max)}, else ${duration(threshold.default)}`,
    source:
      readFrom ??
      (dependsOn.length === 0 ? 'this bot itself' : dependsOn.map((source) => SOURCES[source] ?? source).join(', ')),
  };
}

const forWords = (seconds: number): string => (seconds === 0 ? 'at once' : `after ${duration(seconds)}`);
