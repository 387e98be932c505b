import type { Entity } from './html.ts';

export interface RigUser {
  id: number;
  is_bot: boolean;
  first_name: string;
  username?: string;
}

export type MemberStatus = 'creator' | 'administrator' | 'member' | 'restricted' | 'left' | 'kicked';

export interface Membership {
  status: MemberStatus;
  /** Rights of administrators and of restricted members, as the Bot API names them. */
  rights: Record<string, boolean>;
}

interface Topic {
  name: string;
  closed: boolean;
  deleted: boolean;
}

export interface RigButton {
  text: string;
  callback_data?: string;
  url?: string;
  style?: string;
}

export interface RigDocument {
  name: string;
  bytes: Buffer;
}

export interface RigMessage {
  chat: RigChat;
  id: number;
  from: RigUser | null;
  senderChat: RigChat | null;
  date: number;
  thread: number | null;
  text: string;
  entities: Entity[];
  photo: Buffer | null;
  document: RigDocument | null;
  keyboard: RigButton[][] | null;
  replyTo: number | null;
  linkPreview: boolean;
  edits: number;
  /** Fields that only some messages have (service messages, forwards). */
  extra: Record<string, unknown>;
}

export interface RigChat {
  id: number;
  type: 'private' | 'group' | 'supergroup' | 'channel';
  title: string | null;
  user: RigUser | null;
  isForum: boolean;
  permissions: Record<string, boolean>;
  members: Map<number, Membership>;
  topics: Map<number, Topic>;
  messages: RigMessage[];
  nextId: number;
  migratedTo: number | null;
  /** Private: the account was deleted. */
  deactivated: boolean;
  /** Private: the user has written to the bot. */
  started: boolean;
}

/** Groups and anonymous posts come from this account. */
export const ANONYMOUS_BOT: RigUser = {
  id: 1087968824,
  is_bot: true,
  first_name: 'Group',
  username: 'GroupAnonymousBot',
};

/** The chats, people and messages behind the rig's Bot API. */
export class World {
  readonly bot: RigUser;
  readonly users = new Map<number, RigUser>();
  readonly chats = new Map<number, RigChat>();
  readonly now: () => number;
  #nextUser = 5_000_001;
  #nextGroup = 4_000_001;

  constructor(bot: RigUser, now: () => number) {
    this.bot = bot;
    this.now = now;
    this.users.set(bot.id, bot);
    this.users.set(ANONYMOUS_BOT.id, ANONYMOUS_BOT);
  }

  user(first_name: string): RigUser {
    const id = this.#nextUser++;
    const user = { id, is_bot: false, first_name, username: `user${id}` };
    this.users.set(id, user);
    return user;
  }

  chat(type: RigChat['type'], title: string | null, user: RigUser | null, isForum = false): RigChat {
    const number = this.#nextGroup++;
    const id = type === 'private' ? (user?.id ?? number) : type === 'group' ? -number : -1_000_000_000_000 - number;
    const members = new Map<number, Membership>();
    members.set(this.bot.id, {
      status: type === 'channel' ? 'administrator' : 'member',
      rights: type === 'channel' ? { can_post_messages: true, can_edit_messages: true } : {},
    });
    const permissions = { can_send_messages: true, can_send_photos: true };
    const chat: RigChat = {
      id,
      type,
      title,
      user,
      isForum,
      permissions,
      members,
      topics: new Map(),
      messages: [],
      nextId: 1,
      migratedTo: null,
      deactivated: false,
      started: type !== 'private',
    };
    this.chats.set(id, chat);
    return chat;
  }

  membership(chat: RigChat, userId: number): Membership {
    if (chat.type === 'private') return { status: 'member', rights: {} };
    return chat.members.get(userId) ?? { status: 'left', rights: {} };
  }

  /** Stores a message; what is not given is empty. */
  post(chat: RigChat, message: Partial<Omit<RigMessage, 'chat' | 'id'>>): RigMessage {
    const stored: RigMessage = {
      from: null,
      senderChat: null,
      date: Math.floor(this.now() / 1000),
      thread: null,
      text: '',
      entities: [],
      photo: null,
      document: null,
      keyboard: null,
      replyTo: null,
      linkPreview: true,
      edits: 0,
      extra: {},
      ...message,
      chat,
      id: chat.nextId++,
    };
    chat.messages.push(stored);
    return stored;
  }
}
