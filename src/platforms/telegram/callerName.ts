import type { Chat, User } from 'grammy/types';
import { cleanText } from '../../lib/units.ts';

const MAX_NAME = 60;

/** Whoever writes in a group's own name: which of its administrators it was is not told. */
export const ANONYMOUS_ADMIN = 'an administrator';

/** First name, or @username where that has nothing readable in it. */
export function personName({ first_name: first, username }: User): string {
  return cleanText(first, MAX_NAME) || (username === undefined ? 'somebody' : `@${cleanText(username, MAX_NAME)}`);
}

/** Title of the channel or group that speaks as itself. */
export const chatName = ({ title = '' }: Chat): string => cleanText(title, MAX_NAME) || 'somebody';
