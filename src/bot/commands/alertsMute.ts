import { toSeconds } from '../../lib/clock.ts';
import { cleanText } from '../../lib/units.ts';
import type { View } from '../../lib/view.ts';
import { accountIdOf } from '../accounts.ts';
import { errorView } from '../answers.ts';
import { chooseFor } from '../choose.ts';
import type { Command, Option } from '../command.ts';
import { durationOption, untilMs, untilWords } from '../durations.ts';
import { messageNamed, muteMessage } from '../muteMessage.ts';
import { findRule, ruleOption } from '../rules.ts';
import { chatOf } from '../subscribe.ts';
import { REST } from './alertsPause.ts';

const MAX_NAME = 40;

const named = ruleOption('Which rule; all if only a time is said');
/** Besides a rule: `#41`, that of an alert's message. Its button says so. */
const rule: Option = {
  ...named,
  check: (typed) => (messageNamed(typed) === null ? (named.check?.(typed) ?? null) : null),
};

export const alertsMute: Command = {
  path: ['alerts', 'mute'],
  summary: 'This chat hears nothing of a rule, or of any, for a while',
  options: [rule, durationOption('for', 'How long, e.g. 2h; 1 d if not said', REST)],
  permission: 'manage-alerts',
  needsChat: true,
  examples: ['alerts mute node.heartbeat 2h', 'alerts mute 1d', 'alerts mute all forever'],
  async run(context, call): Promise<View> {
    const { command, args, place, caller } = call;
    const { store, clock } = context;
    // One careless tap does not silence a whole chat.
    const asked = Object.keys(args).length === 0 ? await chooseFor(context, command, rule, { raw: args, place }) : null;
    if (asked !== null) return asked;
    const nowMs = clock.now();
    const by = cleanText(caller.name, MAX_NAME) || 'somebody';
    const until = untilMs(args.for ?? '1d', nowMs);
    const mute = async (id: string) => {
      const muted = { rule: id, untilMs: until, by };
      await store.subscriptions.mute({ ...chatOf(place), mute: muted, byId: accountIdOf(caller), nowMs });
      return muted;
    };
    const message = messageNamed(args.rule);
    if (message !== null) return await muteMessage(context, call, message, mute);
    const named = findRule(context, args.rule, (id) => `alerts mute rule:${id}`);
    if ('instead' in named) return named.instead;
    const { destination } = await store.subscriptions.list(place.address);
    if (destination === null) {
      return errorView(
        'Nothing to mute',
        ['This chat hears of nothing yet.'],
        [{ label: 'Set up', command: 'alerts setup' }],
      );
    }
    await mute(named.id);
    return {
      title: `Muted here: ${named.id || 'everything'}`,
      tone: 'ok',
      lines: [
        [
          named.rule ? `This chat hears nothing of ${named.id} ` : 'This chat hears nothing at all ',
          ...untilWords(until),
          `. Muted by ${by}.`,
        ],
        'What is still wrong when it ends is told then.',
      ],
      actions: [
        { label: 'Unmute', command: `alerts unmute ${named.id || 'all'}` },
        { label: 'List', command: 'alerts list', mode: 'reply' },
      ],
      asOf: toSeconds(nowMs),
      sources: ['this chat’s mutes'],
    };
  },
};
