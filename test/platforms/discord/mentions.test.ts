import { PermissionFlagsBits as Flags } from 'discord.js';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Place } from '../../../src/bot/command.ts';
import type { OutgoingMessage } from '../../../src/lib/delivery.ts';
import type { View } from '../../../src/lib/view.ts';
import { hostile } from '../../bot/hostile.ts';
import { REFUSALS } from '../../rigs/discord/proxy.ts';
import { type DiscordRig, startDiscordRig } from '../../rigs/discord/rig.ts';
import { type Bot, fixedDispatcher, startBot, view } from './harness.ts';

const ROLE = '500000000000000001';
const CLOSED_ROLE = '500000000000000002';
const USER = '600000000000000001';
const POSTS = /^\/channels\/\d+\/messages$/;

let rig: DiscordRig;
let bot: Bot;
let asked: Place[];
let keys = 0;

beforeAll(async () => {
  rig = await startDiscordRig();
  asked = [];
  const answering = fixedDispatcher(() => view());
  const run: typeof answering.run = async (path, options, caller, place) => {
    asked.push(place);
    return await answering.run(path, options, caller, place);
  };
  bot = await startBot(rig, { ...answering, run });
  for (const [id, mentionable] of [
    [ROLE, true],
    [CLOSED_ROLE, false],
  ] as const) {
    rig.gateway.dispatch('GUILD_ROLE_CREATE', { guild_id: rig.twin.guildId, role: roleJson(id, mentionable) });
  }
});
// Whom a body calls besides the one it begins with is a violation (test/rigs/discord/judge.ts).
afterEach(() => expect(rig.proxy.violations.splice(0)).toEqual([]));
afterAll(async () => {
  await bot.stop();
  await rig.close();
});

const roleJson = (id: string, mentionable: boolean) => ({
  id,
  name: `role @everyone ${id.at(-1)}`,
  color: 0,
  colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
  hoist: false,
  position: 1,
  permissions: '0',
  managed: false,
  mentionable,
  flags: 0,
});

const send = (mention: string | undefined, content: Partial<View> = {}, more: Partial<OutgoingMessage> = {}) => {
  keys += 1;
  return bot.sender.send({
    address: { platform: 'discord', chatId: rig.channelId, threadId: null },
    view: view(content),
    idempotencyKey: `mention-${keys}`,
    ...(mention !== undefined && { mention }),
    ...more,
  });
};
const lastBody = () => rig.proxy.recorded.at(-1)?.body as Record<string, unknown>;

test('a role is called by the text beside the embed, and only that role', async () => {
  expect(await send(`role:${ROLE}`)).toMatchObject({ kind: 'sent' });
  expect(lastBody()).toMatchObject({ content: `<@&${ROLE}>`, allowed_mentions: { parse: [], roles: [ROLE] } });
  expect(lastBody().allowed_mentions).not.toHaveProperty('users');
});

test('a person is called by the text beside the embed, and only that person, also below another message', async () => {
  const first = await send(undefined);
  if (first.kind !== 'sent') throw new Error('not sent');
  await send(`user:${USER}`, {}, { replyToMessageId: first.messageId });
  expect(lastBody()).toMatchObject({ content: `<@${USER}>`, allowed_mentions: { parse: [], users: [USER] } });
  expect(lastBody().allowed_mentions).not.toHaveProperty('roles');
});

test('an edit calls nobody and leaves the call of before where it stands', async () => {
  const first = await send(`role:${ROLE}`);
  if (first.kind !== 'sent') throw new Error('not sent');
  await send(`role:${ROLE}`, { title: 'Over' }, { editMessageId: first.messageId });
  expect(lastBody()).not.toHaveProperty('content');
  expect(lastBody().allowed_mentions).toEqual({ parse: [] });
});

test.each(['', 'everyone', 'role:', 'role:everyone', 'role:1', 'user:@here', 'name:somebody', `role:${ROLE} <@1>`])(
  'a mention that names nobody (%j) calls nobody, and the alert arrives',
  async (mention) => {
    expect(await send(mention)).toMatchObject({ kind: 'sent' });
    expect(lastBody()).not.toHaveProperty('content');
    expect(lastBody().allowed_mentions).toEqual({ parse: [] });
  },
);

test('a refused body keeps its call when it goes again as plain text, with escaped words behind it', async () => {
  rig.proxy.inject('POST', POSTS, REFUSALS.invalidBody);
  await send(`role:${ROLE}`, { lines: [`<@&${CLOSED_ROLE}> @everyone <@${USER}>`] });
  const { content, allowed_mentions: allowed } = lastBody() as { content: string; allowed_mentions: object };
  expect(content.split('\n')[0]).toBe(`<@&${ROLE}>`);
  expect(content.split('\n').slice(1).join('\n')).not.toMatch(/<@[&!]?\d|@everyone/);
  expect(allowed).toEqual({ parse: [], roles: [ROLE] });
  expect(content.length).toBeLessThanOrEqual(2_000);
});

test('law: whatever an alert says, nobody but the one it names can be called', { timeout: 60_000 }, async () => {
  const calls = fc.constantFrom(`<@&${CLOSED_ROLE}>`, `<@${USER}>`, '@everyone', '@here', '<@&1>', `<#${ROLE}>`);
  await fc.assert(
    fc.asyncProperty(fc.oneof(calls, hostile), hostile, async (title, text) => {
      await send(`role:${ROLE}`, { title, lines: [text, { strong: title }, { code: text }], sources: [title] });
      expect(lastBody()).toMatchObject({ content: `<@&${ROLE}>`, allowed_mentions: { parse: [], roles: [ROLE] } });
      expect(rig.proxy.violations).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

const problem = async (mention: string, payload: Record<string, unknown> = {}): Promise<string | null> => {
  await rig.slash('about', {}, { payload: { app_permissions: '0', ...payload } });
  return (await asked.at(-1)?.mentionProblem?.(mention)) ?? null;
};

test('before an alert is set up to call a role, it is known whether it can', async () => {
  expect(await problem(`role:${ROLE}`)).toBeNull();
  expect(await problem(`role:${CLOSED_ROLE}`)).toMatch(/cannot be mentioned: allow anyone .* or grant the bot/);
  expect(await problem(`role:${CLOSED_ROLE}`, { app_permissions: String(Flags.MentionEveryone) })).toBeNull();
  expect(await problem('role:500000000000000009')).toMatch(/no such role/);
  expect(await problem(`role:${rig.twin.guildId}`)).toMatch(/everyone cannot be mentioned/);
  expect(await problem(`user:${USER}`)).toBeNull();
  expect(await problem('name:somebody')).toMatch(/role or a person/);
});

test('outside servers there are no roles, and in a server without the bot they are not known', async () => {
  const user = { id: rig.memberId, username: 'member', discriminator: '0', avatar: null };
  expect(await problem(`role:${ROLE}`, { member: null, guild_id: null, user, context: 1 })).toMatch(/only in servers/);
  expect(await problem(`user:${USER}`, { member: null, guild_id: null, user, context: 1 })).toBeNull();
  expect(await problem(`role:${ROLE}`, { guild_id: '555000000000000555' })).toMatch(/that the bot has joined/);
});
