import type { Rule } from '../../alerts/rule.ts';
import { ruleWords } from '../../alerts/ruleWords.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Command } from '../command.ts';

/** `/alerts rules`, made from the rules themselves. */
export const alertsRules: Command = {
  path: ['alerts', 'rules'],
  summary: 'What alerts there are, and when they speak',
  options: [],
  permission: 'everyone',
  private: true,
  examples: ['alerts rules'],
  async run({ rules }): Promise<View> {
    return {
      title: 'Alert rules',
      tone: 'info',
      lines: rules.flatMap(describe),
      actions: [
        { label: 'Alerts here', command: 'alerts list', mode: 'reply' },
        { label: 'All nodes', command: 'alerts add node all', mode: 'reply' },
      ],
      asOf: null,
      sources: ['this bot’s rules'],
    };
  },
};

/** Short lines, the point first: it is read on a phone. */
function describe(rule: Rule): Line[] {
  const { meaning, levels, clears, threshold, source } = ruleWords(rule);
  return [
    [{ strong: rule.id }, `: ${meaning}`],
    `• fires: ${levels}`,
    `• over when ${clears}`,
    ...(threshold === null ? [] : [`• threshold: ${threshold}`]),
    `• read from ${source}`,
  ];
}
