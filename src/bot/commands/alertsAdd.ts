import type { Rule } from '../../alerts/rule.ts';
import { toSeconds } from '../../lib/clock.ts';
import type { View } from '../../lib/view.ts';
import { errorView } from '../answers.ts';
import type { Command } from '../command.ts';
import { notReadYet, readNetwork } from '../networkFacts.ts';
import { overrideOptions, readOverrides } from '../overrides.ts';
import { FAMILIES, type Family, findRule, hears, ruleOption } from '../rules.ts';
import { openNow, subscribe, type Wish, whyNotHere } from '../subscribe.ts';
import { overrideWords } from '../subscriptionText.ts';
import { findTarget, targetOption } from '../targets.ts';

export const alertsAdd: Command = {
  path: ['alerts', 'add'],
  summary: 'Tell this chat when a node falls silent, a model is late, a proof is missing, or a vote ends',
  options: [
    { name: 'kind', summary: 'What about', type: 'text', required: true, choices: FAMILIES },
    targetOption,
    ruleOption('Only this rule'),
    ...overrideOptions,
  ],
  permission: 'manage-alerts',
  needsChat: true,
  examples: [
    'alerts add node all',
    'alerts add node 0x12ab34cd56ef critical 10m',
    'alerts add node owner:0x… node.heartbeat mention:me',
    'alerts add model acme/fraud-net',
    'alerts add proof all warning',
    'alerts add gov bedrock steps:6h,1h',
    'alerts add voter 0x…',
  ],
  async run(context, call): Promise<View> {
    const { args, place } = call;
    const family = args.kind as Family;
    const network = await readNetwork(context);
    const named = findRule(context, args.rule, (id) => `alerts add ${family} ${String(args.target)} rule:${id}`);
    if ('instead' in named) return named.instead;
    const again = (id: string): string => `alerts add ${family} ${id} ${rest(args)}`.trim();
    const target = findTarget(String(args.target), network, again, family, context.governance);
    if (target === null) return await notReadYet(context);
    if ('instead' in target) return target.instead;
    const hindered = await whyNotHere(place);
    if (hindered !== null) return hindered;
    if (named.rule !== null && named.rule.family !== family) return otherFamily(named.rule, family);
    const overrides = await readOverrides(call, { family, rule: named.id });
    if ('instead' in overrides) return overrides.instead;
    const wish: Wish = { family, rule: named.id, target, overrides };
    const added = await subscribe(context, call, wish);
    if ('instead' in added) return added.instead;
    const { created, subscription } = added;
    const said = overrideWords(subscription, context);
    return {
      title: created ? 'Alerts are on' : 'Already on',
      tone: 'ok',
      lines: [
        [
          created ? 'This chat will hear of ' : 'This chat hears already of ',
          { strong: target.words },
          `: ${named.rule ? `only ${named.id}` : hears(family, target.scope)}.`,
        ],
        ...(said.length > 0 ? [`Told: ${said.join(', ')}.`] : []),
        ...(!created && Object.keys(overrides).length > 0
          ? [`Nothing was changed; /alerts edit ${subscription.id} changes how it is told.`]
          : []),
        ...(await openNow(context, wish)),
      ],
      actions: [
        { label: 'Send a test', command: 'alerts test', mode: 'reply' },
        { label: 'List', command: 'alerts list', mode: 'reply' },
        { label: 'Change', command: `alerts edit ${subscription.id}`, mode: 'reply' },
      ],
      ...(family === 'node' && network !== null
        ? network.stamp
        : { asOf: toSeconds(context.clock.now()), sources: ['this bot’s subscriptions'] }),
    };
  },
};

const NOUNS: Readonly<Record<string, string>> = {
  node: 'a node',
  model: 'a model',
  proof: 'a proof',
  gov: 'governance',
  voter: 'a voter',
  watch: 'a followed answer',
};

const otherFamily = (rule: Pick<Rule, 'id' | 'family'>, family: Family): View =>
  errorView(
    'Not of this kind',
    [`${rule.id} is a rule about ${NOUNS[rule.family] ?? rule.family}, not about ${NOUNS[family]}.`],
    [{ label: 'Rules', command: 'alerts rules' }],
  );

/** The options after the target, for a button that asks again. */
const rest = (args: Readonly<Record<string, string | number>>): string =>
  ['rule', 'severity', 'after', 'mention', 'steps']
    .filter((name) => args[name] !== undefined)
    .map((name) => `${name}:"${args[name]}"`)
    .join(' ');
