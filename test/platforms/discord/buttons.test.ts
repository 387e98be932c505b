import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Shown } from '../../rigs/discord/rig.ts';
import { seedAlert } from '../manageVerbs.ts';
import { startWorld, teeIdOf, view, type World } from './harness.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => expect(world.rig.proxy.violations.splice(0)).toEqual([]));
afterAll(() => world.close());

const button = (shown: Shown, label: string | RegExp): string => {
  const found = shown.buttons.find((one) => (typeof label === 'string' ? one.label === label : label.test(one.label)));
  if (found === undefined) throw new Error(`no button ${label} among ${shown.buttons.map((one) => one.label)}`);
  return found.customId;
};
const messages = () => world.rig.twin.channel(world.rig.channelId).getMessages();
const acks = (since: number) =>
  world.rig.proxy.recorded
    .slice(since)
    .filter(({ path }) => path.endsWith('/callback'))
    .map(({ body }) => (body as { type: number }).type);

test('paging changes the message that carries the buttons, forth and back', async () => {
  const first = await world.rig.slash('node list');
  const count = (await messages()).length;
  expect(first.description).toContain('Page 1 of 3');
  const second = await world.rig.press(button(first, 'Next ▶'));
  expect(second.description).toContain('Page 2 of 3');
  const third = await world.rig.press(button(second, 'Next ▶'));
  expect(third.description).toContain('Page 3 of 3');
  expect(third.buttons.map(({ label }) => label)).not.toContain('Next ▶');
  expect((await world.rig.press(button(third, '◀ Previous'))).description).toBe(second.description);
  expect(await messages()).toHaveLength(count);
});

test('refresh shows what is true now, in the same message', async () => {
  const shown = await world.rig.slash('network');
  const since = world.rig.proxy.recorded.length;
  const count = (await messages()).length;
  const status = { source: 'opengradient.registry', lastAttemptAtMs: Date.now(), error: 'x' } as const;
  const bad = {
    ...status,
    state: 'failing',
    lastSuccessAtMs: 1,
    failingSinceMs: Date.now(),
    shortError: 'time-out',
  } as const;
  await world.store.store.sources.put(bad);
  const again = await world.rig.press(button(shown, 'Refresh'));
  await world.store.store.sources.put({ ...bad, state: 'fresh', failingSinceMs: null, error: null, shortError: null });
  expect(again.description).toContain('The registry has been unreadable');
  expect(acks(since), 'a deferred update, no new message').toEqual([6]);
  expect(await messages()).toHaveLength(count);
});

test('a button pressed after the bot was restarted still works', async () => {
  const first = await world.rig.slash('node list');
  const next = button(first, 'Next ▶');
  await world.restart();
  expect((await world.rig.press(next)).description).toContain('Page 2 of 3');
});

test('a button that answers below does so for the one who pressed it', async () => {
  const list = await world.rig.slash('node list');
  const since = world.rig.proxy.recorded.length;
  const status = await world.rig.press(button(list, /^gw0/), { userId: world.rig.memberId });
  expect(status).toMatchObject({ title: expect.stringContaining('gw0.example'), ephemeral: true });
  expect(acks(since)).toEqual([5]);
});

test('what only one person should see never replaces what everybody reads', async () => {
  await world.rig.slash('alerts add', { kind: 'node', target: 'all' });
  const removed = await world.rig.slash('alerts remove', { number: '1' });
  expect(removed.ephemeral).toBe(false);
  const list = await world.rig.press(button(removed, 'List'));
  expect(list).toMatchObject({ title: expect.stringContaining('Alerts of this chat'), ephemeral: true });
  const newest = (await messages()).at(-1);
  expect(newest?.embeds[0]?.title, 'the answer came below').toContain('Alerts of this chat');
});

test('a choice offered to one person is made in place', async () => {
  const wrong = await world.rig.slash('node status', { node: 'gw2.exampel' });
  expect(wrong.ephemeral).toBe(true);
  const since = world.rig.proxy.recorded.length;
  const right = await world.rig.press(button(wrong, /^gw2\./));
  expect(right.title).toContain('gw2.example');
  expect(acks(since)).toEqual([6]);
});

test('one person’s failed press leaves the message of all as it is', async () => {
  const status = await world.rig.slash('node status', { node: teeIdOf(0).slice(0, 14) });
  const before = await messages();
  const shown = await world.rig.press('e:node status nonsense');
  expect(shown).toMatchObject({ ephemeral: true, title: expect.stringContaining('No such node') });
  const after = await messages();
  expect(after.find(({ id }) => id === before.at(-1)?.id)?.embeds[0]?.title).toBe(status.title);
});

test.each(['', 'x:network', 'e:', 'confirm-delete'])('a button that is not ours (%j) is said to be so', async (id) => {
  await world.rig.slash('about');
  const shown = await world.rig.press(id);
  expect(shown).toMatchObject({ description: expect.stringContaining('not one of mine'), ephemeral: true });
});

test('a private list stays private and is changed in place while its owner works with it', async () => {
  await world.rig.slash('alerts add', { kind: 'node', target: 'gw5.example' });
  const list = await world.rig.slash('alerts list');
  const since = world.rig.proxy.recorded.length;
  const count = (await messages()).length;
  const paused = await world.rig.press(button(list, /^Pause all/));
  expect(paused.title).toMatch(/[Pp]aused/);
  expect((await world.rig.press('e:alerts list')).title).toContain('Alerts of this chat');
  expect(acks(since)).toEqual([6, 6]);
  expect(await messages()).toHaveLength(count);
});

test('a press that changes an alert keeps whom it called, and has the buttons that the new words have', async () => {
  const { rig, store, bot } = world;
  const address = { platform: 'discord', chatId: rig.channelId, threadId: null } as const;
  const { message: id } = await seedAlert(store.store, address, 'channel', Date.now());
  const actions = [{ label: 'Acknowledge', command: `alerts ack ${id}` }];
  const alert = view({ title: 'Node silent', actions });
  const mention = 'role:500000000000000001';
  const outcome = await bot.sender.send({ address, view: alert, idempotencyKey: `alert-${id}`, mention });
  if (outcome.kind !== 'sent') throw new Error('not sent');
  const stored = async () => (await messages()).find((one) => one.id === outcome.messageId);

  const refused = await rig.press(`e:alerts ack ${id}`, { userId: rig.memberId });
  expect(refused).toMatchObject({ title: expect.stringContaining('Not allowed'), ephemeral: true });
  expect(await stored()).toMatchObject({ content: '<@&500000000000000001>', embeds: [{ title: '🟢 Node silent' }] });

  // What the one who was refused was told is the newest message now.
  const since = rig.proxy.recorded.length;
  const { token } = await rig.twin.simulateButtonClick({
    channelId: rig.channelId,
    userId: rig.managerId,
    messageId: outcome.messageId,
    customId: `e:alerts ack ${id}`,
  });
  const edit = await rig.proxy.until(({ method, path }) => method === 'PATCH' && path.includes(token));
  expect(acks(since)).toEqual([6]);
  expect(edit.body).not.toHaveProperty('content');
  expect(edit.body).toMatchObject({ allowed_mentions: { parse: [] } });
  expect(JSON.stringify((edit.body as { embeds: object[] }).embeds)).toContain('manager');
  const labels = (edit.body as { components: { components: { label: string }[] }[] }).components.flatMap((row) =>
    row.components.map(({ label }) => label),
  );
  expect(labels).not.toContain('Acknowledge');
  expect(labels.length).toBeGreaterThan(0);
});
