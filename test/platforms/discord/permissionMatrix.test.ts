import { PermissionFlagsBits as Flags } from 'discord.js';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Address } from '../../../src/lib/delivery.ts';
import { heardBy, seedAlert, VERBS } from '../manageVerbs.ts';
import { startWorld, type World } from './harness.ts';

let world: World;
let chats = 0;

beforeAll(async () => {
  world = await startWorld(3);
});
afterEach(() => expect(world.rig.proxy.violations.splice(0)).toEqual([]));
afterAll(() => world.close());

type Who = 'server manager' | 'administrator' | 'moderator' | 'ordinary member' | 'person';

const RIGHTS: Record<Who, bigint> = {
  'server manager': Flags.ManageGuild,
  administrator: Flags.Administrator,
  moderator: Flags.ManageChannels | Flags.ManageMessages | Flags.ManageThreads | Flags.BanMembers,
  'ordinary member': Flags.SendMessages,
  person: 0n,
};
const APP = Flags.ViewChannel | Flags.SendMessages | Flags.SendMessagesInThreads | Flags.EmbedLinks | Flags.AttachFiles;

const user = () => ({ id: world.rig.memberId, username: 'member', discriminator: '0', avatar: null });
const person = (who: Who) => ({
  member: { user: user(), roles: [], permissions: String(RIGHTS[who]), flags: 0, joined_at: '2020-01-01T00:00:00Z' },
});

/** A new place of its kind, as an interaction from there says it; type: Discord's channel type. */
const PLACES = {
  channel: { type: 0, thread: false, fields: (who: Who) => person(who) },
  thread: { type: 11, thread: true, fields: (who: Who) => person(who) },
  'private thread': { type: 12, thread: true, fields: (who: Who) => person(who) },
  'forum post': { type: 11, thread: true, fields: (who: Who) => person(who) },
  'direct message': {
    type: 1,
    thread: false,
    fields: () => ({ member: null, guild_id: null, user: user(), context: 1 }),
  },
  'group message (app brought along)': {
    type: 3,
    thread: false,
    fields: () => ({ member: null, guild_id: null, user: user(), context: 2 }),
  },
  'server without the bot (app brought along)': {
    type: 0,
    thread: false,
    fields: (who: Who) => ({ ...person(who), guild_id: '555000000000000555' }),
  },
} as const;

type PlaceName = keyof typeof PLACES;

async function openPlace(name: PlaceName): Promise<string> {
  const { type, thread } = PLACES[name];
  const { twin, gateway, channelId } = world.rig;
  chats += 1;
  const id = `3100000000000${String(chats).padStart(5, '0')}`;
  const forum = name === 'forum post' ? await openForum() : channelId;
  const parent = thread ? { parentId: forum, guildId: twin.guildId } : {};
  await twin.prisma.channel.create({ data: { id, type, name: 'place', ...parent } });
  if (thread) gateway.dispatch('THREAD_CREATE', threadJson(id, type, forum));
  else if (name === 'channel') gateway.dispatch('CHANNEL_CREATE', channelJson(id, type));
  return id;
}

async function openForum(): Promise<string> {
  const { twin, gateway } = world.rig;
  chats += 1;
  const id = `3200000000000${String(chats).padStart(5, '0')}`;
  await twin.prisma.channel.create({ data: { id, type: 15, name: 'forum', guildId: twin.guildId } });
  gateway.dispatch('CHANNEL_CREATE', channelJson(id, 15));
  return id;
}

const channelJson = (id: string, type: number) => ({
  id,
  type,
  guild_id: world.rig.twin.guildId,
  name: 'place',
  position: 1,
  permission_overwrites: [],
});

const threadJson = (id: string, type: number, parent_id: string) => ({
  ...channelJson(id, type),
  parent_id,
  owner_id: '1',
  message_count: 0,
  member_count: 1,
  thread_metadata: {
    archived: false,
    auto_archive_duration: 60,
    archive_timestamp: '2026-01-01T00:00:00Z',
    locked: false,
  },
});

/** `never`: the bot cannot come back there by itself. */
type Verdict = 'allowed' | 'refused' | 'never';

const MANAGERS: Record<string, [Who, Verdict][]> = {
  channel: [
    ['server manager', 'allowed'],
    ['administrator', 'allowed'],
    ['moderator', 'refused'],
    ['ordinary member', 'refused'],
  ],
  'direct message': [['person', 'allowed']],
  'group message (app brought along)': [['person', 'never']],
  'server without the bot (app brought along)': [
    ['server manager', 'never'],
    ['ordinary member', 'refused'],
  ],
};
const sameAsChannel: PlaceName[] = ['thread', 'private thread', 'forum post'];
for (const name of sameAsChannel) MANAGERS[name] = MANAGERS.channel as [Who, Verdict][];

const CELLS = (Object.keys(PLACES) as PlaceName[]).flatMap((place) =>
  (MANAGERS[place] ?? []).flatMap(([who, verdict]) => VERBS.map((verb) => ({ place, who, verb, verdict }))),
);

test.each(CELLS)('$verb.name in a $place by a $who: $verdict', async ({ place, who, verb, verdict }) => {
  const { store } = world.store;
  const channelId = await openPlace(place);
  const address: Address = { platform: 'discord', chatId: channelId, threadId: null };
  const kind = place === 'direct message' || place.startsWith('group') ? 'private' : 'channel';
  // Where the bot cannot post, nothing can have been added before.
  const seeded = verdict === 'never' ? { number: 1, message: 1 } : await seedAlert(store, address, kind, Date.now());
  const before = await heardBy(store, address);
  const payload = { ...PLACES[place].fields(who), app_permissions: String(APP) };
  const where = { channelId, userId: world.rig.memberId, payload };
  const shown = await world.rig.slash(verb.command, verb.options(seeded), where);
  const after = await heardBy(store, address);
  if (verdict === 'allowed') {
    expect(shown.title).not.toMatch(/Not allowed|did not|cannot|Not known/);
    expect(after).not.toEqual(before);
    return;
  }
  expect(after).toEqual(before);
  expect(shown).toMatchObject({ ephemeral: true });
  if (verdict === 'refused') expect(shown.title).toContain('Not allowed');
  else if (verb.name === 'add') expect(shown.title).toContain('I cannot post here');
});
