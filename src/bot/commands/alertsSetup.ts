import { toSeconds } from '../../lib/clock.ts';
import type { View } from '../../lib/view.ts';
import { echo, errorView } from '../answers.ts';
import { DEFAULT_SETTINGS, settingsLines } from '../chatSettings.ts';
import type { Call, Command, Option } from '../command.ts';
import type { BotContext } from '../context.ts';
import { suggestModels } from '../findModel.ts';
import { suggestNodes } from '../findNode.ts';
import { notReadYet, readNetwork } from '../networkFacts.ts';
import { chooseNode, chooseWhole } from '../setupChoices.ts';
import { rolesOffered, type SetupRole } from '../setupRoles.ts';
import { chatOf, openNow, subscribe, whyNotHere } from '../subscribe.ts';
import { everything, findTarget, type Target } from '../targets.ts';
import { applySettings } from './alertsSettings.ts';

const suggestTarget: NonNullable<Option['suggest']> = (context, typed, _place, given = {}) =>
  String(given.role ?? '').toLowerCase() === 'publisher' ? suggestModels(context, typed) : suggestNodes(context, typed);

export const alertsSetup: Command = {
  path: ['alerts', 'setup'],
  summary: 'Set this chat up in a few taps: say who you are, and what is yours',
  options: [
    {
      name: 'role',
      summary: 'Who is to be told',
      type: 'text',
      required: false,
      maxLength: 20,
      suggest: async (context) => rolesOffered(context).map(({ name, label }) => ({ label, value: name })),
    },
    {
      name: 'target',
      summary: 'For an operator: a node, or owner:0x…; for a publisher: owner:author, author/name, a blob id',
      type: 'text',
      required: false,
      suggest: suggestTarget,
    },
    { name: 'part', summary: 'Part of the list of nodes', type: 'integer', required: false, min: 1, max: 20 },
    { name: 'only', summary: 'Only this node of its owner', type: 'text', required: false, choices: ['yes'] },
  ],
  permission: 'manage-alerts',
  needsChat: true,
  examples: ['alerts setup', 'alerts setup reader', 'alerts setup operator 0x12ab34cd56ef'],
  // Everything chosen so far stands in the buttons' commands.
  async run(context, call): Promise<View> {
    const hindered = await whyNotHere(call.place);
    if (hindered !== null) return hindered;
    const offered = rolesOffered(context);
    if (call.args.role === undefined) return chooseRole(offered);
    const name = String(call.args.role).trim().toLowerCase();
    const role = offered.find((one) => one.name === name);
    if (role === undefined) return noSuchRole(call.args.role, offered);
    const target = await targetFor(context, call, role);
    return 'instead' in target ? target.instead : await finish(context, call, role, target);
  },
};

const roleButtons = (offered: readonly SetupRole[]) =>
  offered.map(({ name, label }) => ({ label, command: `alerts setup ${name}` }));

const chooseRole = (offered: readonly SetupRole[]): View => ({
  title: 'Who is to be told here?',
  tone: 'info',
  lines: offered.map(({ label, hears }) => [{ strong: label }, `: ${hears}.`]),
  actions: roleButtons(offered),
  asOf: null,
  sources: [],
});

const noSuchRole = (typed: string | number, offered: readonly SetupRole[]): View =>
  errorView(
    'No such role',
    [`${echo(typed)} is none of ${offered.map(({ name }) => name).join(', ')}.`],
    roleButtons(offered),
  );

/** What it is about, or the next thing to choose. */
async function targetFor(context: BotContext, { args }: Call, role: SetupRole): Promise<Target | { instead: View }> {
  if (role.about === 'all') return { scope: 'all', subject: '', words: everything(role.family) };
  const start = `alerts setup ${role.name}`;
  if (role.family === 'model') return args.target === undefined ? { instead: whoseModels(start) } : models(args.target);
  const network = await readNetwork(context);
  if (args.target === undefined) {
    const part = args.part === undefined ? undefined : Number(args.part);
    return { instead: network === null ? await notReadYet(context) : chooseNode(network, start, part) };
  }
  const target = findTarget(String(args.target), network, (id) => `${start} ${id}`);
  if (target === null) return { instead: await notReadYet(context) };
  if ('instead' in target || target.scope !== 'node' || network === null || args.only === 'yes') return target;
  const whole = chooseWhole(network, target.subject, start);
  return whole === null ? target : { instead: whole };
}

const models = (typed: string | number): Target | { instead: View } =>
  findTarget(String(typed), null, () => '', 'model') ?? { instead: whoseModels('alerts setup publisher') };

/** Authors are too many for buttons, and one of them asks. */
const whoseModels = (start: string): View => ({
  title: 'Which models are yours?',
  tone: 'info',
  lines: [
    ['All that you publish: ', { code: `/${start} owner:AUTHOR` }],
    ['One of them: ', { code: `/${start} author/name` }],
    ['An upload that is not listed yet: ', { code: `/${start} BLOB_ID` }],
  ],
  actions: [{ label: 'All models', command: `${start} all` }],
  asOf: null,
  sources: [],
});

async function finish(context: BotContext, call: Call, role: SetupRole, target: Target): Promise<View> {
  const { family, overrides } = role;
  const wish = { family, rule: '', target, overrides };
  const added = await subscribe(context, call, wish);
  if ('instead' in added) return added.instead;
  const { store, clock } = context;
  // An alert that was there before is brought to what was just asked for.
  if (!added.created) await store.subscriptions.edit(call.place.address, added.subscription.id, overrides);
  const { destination } = await store.subscriptions.list(call.place.address);
  const before = destination?.settings ?? DEFAULT_SETTINGS;
  const settings =
    before.digest === 'off' && role.settings.digest !== 'off'
      ? (await applySettings(context, chatOf(call.place), before, role.settings)).settings
      : before;
  return {
    title: 'Set up',
    tone: 'ok',
    lines: [
      ['This chat will hear of ', { strong: target.words }, `: ${role.hears}.`],
      ...settingsLines(settings),
      ...(await openNow(context, wish)),
    ],
    actions: [
      { label: 'Send a test', command: 'alerts test', mode: 'reply' },
      { label: 'List', command: 'alerts list', mode: 'reply' },
      { label: 'Settings', command: 'alerts settings', mode: 'reply' },
      ...(role.about === 'chosen' ? [{ label: 'Another one', command: `alerts setup ${role.name}` }] : []),
    ],
    asOf: toSeconds(clock.now()),
    sources: ['this bot’s subscriptions'],
  };
}
