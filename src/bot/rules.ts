import type { Rule } from '../alerts/rule.ts';
import type { View } from '../lib/view.ts';
import type { SubscriptionScope } from '../store/store.ts';
import { echo, errorView } from './answers.ts';
import type { Option } from './command.ts';
import type { BotContext } from './context.ts';

/** What can be subscribed to: the families of rules. */
export const FAMILIES = ['node', 'model', 'proof', 'gov', 'voter'] as const;
export type Family = (typeof FAMILIES)[number];

const HEARS: Readonly<Record<Family, string>> = {
  node: 'late, missed and expired heartbeats, a foreign certificate, disabling, a revoked measurement, and the return',
  model: 'late registrations, new listings and versions, files that can no longer be read, and a queue that grows',
  proof: 'proofs that are late or missing, wrong roots and signatures, and new settlers',
  gov: 'proposals and their results, the end of voting, large votes, validators, epochs, and influence that shifts to few',
  voter: 'that voting ends while this voter has not voted',
};

/** What a subscription hears, in words. An upload that is not listed has no author and no name: who follows those does not hear that it is late. */
export function hears(family: Family, scope: SubscriptionScope): string {
  if (family !== 'model' || scope === 'all') return HEARS[family];
  return scope === 'blob'
    ? 'late registration, its listing, and that it can no longer be read'
    : 'new listings and versions, and files that can no longer be read';
}

/** An option that names one rule, or `all`. */
export function ruleOption(summary: string): Option {
  return {
    name: 'rule',
    summary,
    type: 'text',
    required: false,
    maxLength: 40,
    check: (typed) =>
      /^(all|[a-z]+\.[a-z][a-z0-9.-]*)$/i.test(typed.trim())
        ? null
        : `rule must be one of /alerts rules, like node.heartbeat, or all, not ${echo(typed)}.`,
    async suggest({ rules }, typed) {
      const text = typed.trim().toLowerCase();
      return ['all', ...rules.map(({ id }) => id)]
        .filter((id) => id.toLowerCase().includes(text))
        .map((id) => ({ label: id, value: id }));
    },
  };
}

/**
 * The id of a rule that was named, empty for all of them; or an answer that offers those there are: `again` makes the
 * command for one.
 */
export function findRule(
  { rules }: Pick<BotContext, 'rules'>,
  typed: string | number | undefined,
  again: (rule: string) => string,
): { id: string; rule: Rule | null } | { instead: View } {
  const text = String(typed ?? 'all')
    .trim()
    .toLowerCase();
  if (text === 'all') return { id: '', rule: null };
  const rule = rules.find(({ id }) => id.toLowerCase() === text);
  if (rule !== undefined) return { id: rule.id, rule };
  const actions = rules.slice(0, 10).map(({ id }) => ({ label: id, command: again(id) }));
  return { instead: errorView('No such rule', [`There is no rule ${echo(typed)}.`], actions) };
}
