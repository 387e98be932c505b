import type { Address } from '../lib/delivery.ts';
import { accountIdOf } from './accounts.ts';
import type { Call } from './command.ts';
import type { BotContext } from './context.ts';

/**
 * Where the alerts are that the caller may manage from this place: here, which comes first, and in a private chat also the
 * private chats of the accounts that are linked to theirs.
 */
export async function ownAddresses(
  { store }: Pick<BotContext, 'store'>,
  { caller, place }: Pick<Call, 'caller' | 'place'>,
): Promise<Address[]> {
  const here = place.address;
  // A private chat where the bot cannot post is one of other people, to which the caller brought it along.
  if (place.kind !== 'private' || (await place.missingPermissions()).length > 0) return [here];
  const chats = await store.accounts.chats(accountIdOf(caller));
  const others = chats.filter(
    ({ address: { platform, chatId } }) => platform !== here.platform || chatId !== here.chatId,
  );
  return [here, ...others.map(({ address }) => address)];
}
