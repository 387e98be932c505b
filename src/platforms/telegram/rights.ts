import type { Api } from 'grammy';
import type { ChatMember } from 'grammy/types';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { bounded, REQUEST_MS } from './bounded.ts';
import { describe } from './problem.ts';

const MAX_TOPICS = 5_000;

/** What the bot may do in a chat, and which topics were closed while it watched (the Bot API cannot be asked). */
export class Rights {
  readonly #api: Api;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #botId: number;
  readonly #closedTopics = new Set<string>();

  constructor(api: Api, clock: Clock, logger: Logger, botId: number) {
    this.#api = api;
    this.#clock = clock;
    this.#logger = logger;
    this.#botId = botId;
  }

  topicClosed(chatId: number, threadId: string, closed: boolean): void {
    const key = `${chatId}:${threadId}`;
    if (!closed) this.#closedTopics.delete(key);
    else if (this.#closedTopics.size < MAX_TOPICS) this.#closedTopics.add(key);
  }

  /**
   * What keeps the bot from posting there, in Telegram's own words for its switches; empty when nothing is known to.
   * When Telegram does not answer that is logged and counts as nothing: the first message will tell.
   */
  async missing(chatId: number, kind: 'group' | 'channel', threadId: string | null): Promise<string[]> {
    try {
      return await bounded(this.#clock, REQUEST_MS, undefined, async (signal) => {
        const me = await this.#api.getChatMember(chatId, this.#botId, signal);
        if (me.status === 'left' || me.status === 'kicked') return ['membership (add the bot to this chat)'];
        if (kind === 'channel') return missingInChannel(me);
        const closed = threadId !== null && this.#closedTopics.has(`${chatId}:${threadId}`);
        if (me.status === 'administrator') return closed && !me.can_manage_topics ? ['an open topic'] : [];
        if (closed) return ['an open topic'];
        if (me.status === 'restricted') return missingToSend(me);
        const chat = await this.#api.getChat(chatId, signal);
        return missingToSend(chat.permissions ?? {});
      });
    } catch (error) {
      this.#logger.warn({ chatId, cause: describe(error) }, 'Telegram did not say what the bot may do here');
      return [];
    }
  }
}

function missingInChannel(me: ChatMember): string[] {
  if (me.status === 'creator' || (me.status === 'administrator' && me.can_post_messages === true)) return [];
  return me.status === 'administrator' ? ['Post Messages'] : ['Administrator', 'Post Messages'];
}

function missingToSend(may: { can_send_messages?: boolean; can_send_photos?: boolean }): string[] {
  const missing: string[] = [];
  if (may.can_send_messages === false) missing.push('Send Messages');
  if (may.can_send_photos === false) missing.push('Send Photos');
  return missing;
}
