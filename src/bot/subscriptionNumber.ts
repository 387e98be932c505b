import type { Address } from '../lib/delivery.ts';
import type { View } from '../lib/view.ts';
import type { StoredSubscription } from '../store/store.ts';
import { echo, errorView } from './answers.ts';
import type { Call, Option } from './command.ts';
import type { BotContext } from './context.ts';
import { ownAddresses } from './ownAddresses.ts';
import { subscriptionWords } from './subscriptionText.ts';
import { readNames } from './targetNames.ts';

const NUMBER = /^#?(\d{1,9})$/;

/** An option that names one of the chat's alerts by its number in the list; with `all` also every one of them. */
export function numberOption({ all }: { all: boolean }): Option {
  return {
    name: 'number',
    summary: all ? 'Number from /alerts list, or all' : 'Number from /alerts list',
    type: 'text',
    required: true,
    maxLength: 20,
    check: (typed) =>
      NUMBER.test(typed.trim()) || (all && /^all$/i.test(typed.trim()))
        ? null
        : `number is one of /alerts list, like 3${all ? ', or all' : ''}, not ${echo(typed)}.`,
    async suggest(context, typed, place) {
      if (place === undefined) return [];
      const { subscriptions } = await context.store.subscriptions.list(place.address);
      const names = await readNames(context, subscriptions);
      const text = typed.trim().replace(/^#/, '').toLowerCase();
      const found = subscriptions
        .map((one) => ({ label: `#${one.id} ${subscriptionWords(one, names)}`.slice(0, 100), value: String(one.id) }))
        .filter(({ label, value }) => value.startsWith(text) || label.toLowerCase().includes(text));
      return all && found.length > 0 && 'all'.startsWith(text) ? [{ label: 'all', value: 'all' }, ...found] : found;
    },
  };
}

/** The alert of a checked number, here or where else the caller manages alerts from here; or an answer that there is none. */
export async function findSubscription(
  context: BotContext,
  call: Pick<Call, 'caller' | 'place'>,
  checked: string | number,
): Promise<{ subscription: StoredSubscription; address: Address } | { instead: View }> {
  const id = Number(NUMBER.exec(String(checked).trim())?.[1]);
  for (const address of await ownAddresses(context, call)) {
    const { subscriptions } = await context.store.subscriptions.list(address);
    const subscription = subscriptions.find((one) => one.id === id);
    if (subscription !== undefined) return { subscription, address };
  }
  const list = { label: 'List', command: 'alerts list' };
  return { instead: errorView('No such alert', [`This chat has no alert ${echo(checked)}.`], [list]) };
}
