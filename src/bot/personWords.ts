import { plural } from '../lib/units.ts';
import type { Line, View } from '../lib/view.ts';
import type { StoredPerson } from '../store/store.ts';
import { accountWords, appName } from './accounts.ts';
import { errorView } from './answers.ts';
import type { Place } from './command.ts';

/** On Discord such an answer is for the asker alone; in a shared chat of Telegram everybody would read it. */
export const askInPrivate = ({ platform, kind }: Place): View | null =>
  platform === 'telegram' && kind !== 'private'
    ? errorView('Ask me in a private chat', ['What is stored about you is shown where nobody else reads it.'])
    : null;

/** Is anything at all stored about the person? */
export const isKnown = (person: StoredPerson): boolean =>
  person.accounts.length > 1 ||
  person.subscriptions.length + person.privateChats.length > 0 ||
  person.acknowledgements + person.mutes + person.watches + person.mentions > 0;

/** What is stored about a person, a line a kind. */
export function personLines(person: StoredPerson): Line[] {
  const { accounts, privateChats, subscriptions, acknowledgements, mutes, watches, mentions } = person;
  const counts: [number, string][] = [
    [
      acknowledgements,
      plural(acknowledgements, 'alert that you acknowledged or snoozed', 'alerts that you acknowledged or snoozed'),
    ],
    [mutes, plural(mutes, 'mute that you set', 'mutes that you set')],
    [watches, plural(watches, 'answer whose proof you follow', 'answers whose proofs you follow')],
    [
      mentions,
      plural(mentions, 'alert or escalation that calls you by number', 'alerts or escalations that call you by number'),
    ],
  ];
  return [
    ...(accounts.length > 1 ? [`• linked accounts: ${accounts.map(accountWords).join(', ')}`] : []),
    ...(privateChats.length > 0
      ? [`• your private chat with this bot: ${privateChats.map(({ platform }) => appName(platform)).join(', ')}`]
      : []),
    ...(subscriptions.length > 0
      ? [`• ${plural(subscriptions.length, 'alert')} that you set up: ${chatsOf(subscriptions).join(', ')}`]
      : []),
    ...counts.flatMap(([count, words]) => (count > 0 ? [`• ${words}`] : [])),
  ];
}

const MAX_CHATS = 10;

/** `2 in The watchers (Discord)`, the chats with most first. */
function chatsOf(subscriptions: StoredPerson['subscriptions']): string[] {
  const counts = new Map<string, number>();
  for (const { platform, chatTitle } of subscriptions) {
    const chat = `${chatTitle || 'a chat'} (${appName(platform)})`;
    counts.set(chat, (counts.get(chat) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a).map(([chat, count]) => `${count} in ${chat}`);
  return sorted.length > MAX_CHATS ? [...sorted.slice(0, MAX_CHATS), 'and more'] : sorted;
}
