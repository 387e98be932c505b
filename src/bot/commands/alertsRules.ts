import type { Rule } from '../../alerts/rule.ts';
import { ruleWords } from '../../alerts/ruleWords.ts';
import type { Line, View } from '../../lib/view.ts';
import type { Command } from '../command.ts';
import { pageOf } from '../pages.ts';
import { FAMILIES } from '../rules.ts';

/** Families of rules; `watch` speaks to those alone who asked /proof watch. */
const KINDS = [...FAMILIES, 'watch'] as const;
const PLURALS: Readonly<Record<(typeof KINDS)[number], string>> = {
  node: 'nodes',
  model: 'models',
  proof: 'proofs',
  gov: 'governance',
  voter: 'voters',
  watch: 'followed answers',
};

/** On a page: of all kinds a line each, of one kind some lines each. A message has room for no more. */
const RULES_SHOWN = { all: 20, own: 7 };

/** `/alerts rules`, made from the rules themselves: all of them in a line each, or those of one kind in full. */
export const alertsRules: Command = {
  path: ['alerts', 'rules'],
  summary: 'What alerts there are, and when they speak',
  options: [
    { name: 'kind', summary: 'Only these, in full', type: 'text', required: false, choices: KINDS },
    { name: 'page', summary: 'Page', type: 'integer', required: false, min: 1, max: 100 },
  ],
  permission: 'everyone',
  private: true,
  examples: ['alerts rules', 'alerts rules proof'],
  async run({ rules }, { args }): Promise<View> {
    const { kind } = args;
    const own = rules.filter(({ family }) => kind === undefined || family === kind);
    const { shown, number, of } = pageOf(own, args.page, kind === undefined ? RULES_SHOWN.all : RULES_SHOWN.own);
    const command = ['alerts rules', ...(kind === undefined ? [] : [kind])].join(' ');
    return {
      title: kind === undefined ? 'Alert rules' : `Alert rules: ${String(kind)}`,
      tone: 'info',
      lines: kind === undefined ? shown.map(short) : shown.flatMap(describe),
      actions: [
        ...KINDS.map((name) => ({ label: `About ${PLURALS[name]}`, command: `alerts rules ${name}` })),
        { label: 'Alerts here', command: 'alerts list', mode: 'reply' },
      ],
      ...(of > 1 ? { page: { number, of, command } } : {}),
      asOf: null,
      sources: ['this bot’s rules'],
    };
  },
};

const short = ({ id, summary }: Rule): Line => [{ strong: id }, `: ${summary}`];

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
