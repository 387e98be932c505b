import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from './devnet/world.ts';
import { Story, until } from './support/appStory.ts';

const QUICK = { OG_HUB_INTERVAL_SECONDS: '1', OG_STORAGE_INTERVAL_SECONDS: '1', MODEL_LATE_SECONDS: '3600' };

/** What a publisher may call a model to have it shown, tapped or called as something else. */
const NAMES = [
  '@everyone **bold** <@1> [x](https://evil.example)',
  '\u202egpj.exe\u2066 </b><a href="tg://user?id=1">x</a>',
  '`code` ```js\n||spoiler|| @admin t.me/x',
  '__proto__',
  'x'.repeat(10_000),
  '💥\ud800\u0000\u001b[31m',
  '<!here> <t:0:R> </node list:4> &#64;everyone',
];

let world: World;
let story: Story;

beforeAll(async () => {
  world = await startWorld({ startSeconds: Math.floor(Date.now() / 1000) - 43_200, gateways: 2 });
  world.network.run(60, 200);
  story = new Story(world);
  await story.start(QUICK);
});

afterAll(async () => {
  await story.stop();
  await world.close();
});

it('names and descriptions of any kind mention nobody, link nowhere and break no message', async () => {
  const { hub, blobs } = world.network;
  await story.bothSubscribe('alerts add', { kind: 'model', target: 'all' });
  await story.hubRounds();
  const blobIds: string[] = [];
  for (const [at, name] of NAMES.entries()) {
    const blobId = blobs.put(`hostile ${at}`);
    blobIds.push(blobId);
    const text = `${name} `.repeat(3).padEnd(10_000, '@everyone ');
    hub.publish(at % 2 === 0 ? 'evil' : name.replaceAll('/', ''), name.slice(0, 9_000), {
      ...{ task: text, description: text, tags: [text] },
      versions: [{ version: '1.00', notes: text, files: [{ name: `${name}.onnx`, blobId, size: 1 }] }],
    });
  }
  const known = async (blobId: string) => (await story.app?.store.models.blob(blobId))?.listings.length;
  for (const blobId of blobIds.slice(0, 4)) await until('it is listed', () => known(blobId));
  await until('they are told', () => story.counts().every((count) => count > 0));
  await story.hubRounds();
  for (const command of ['model status', 'model doctor', 'model lineage']) {
    for (const blobId of blobIds) await both(command, blobId);
  }
  await both('model list', '');
  for (const name of NAMES) await both('model list', name.slice(0, 60));

  expect(world.discord.proxy.violations).toEqual([]);
  const sent = world.discord.proxy.recorded.filter(({ method }) => method === 'POST' || method === 'PATCH');
  const messages = sent.map(({ body }) => (body as { data?: object } | null)?.data ?? body) as {
    embeds?: unknown[];
    allowed_mentions?: { parse?: unknown[] };
    content?: string;
  }[];
  for (const message of messages.filter((one) => one?.embeds !== undefined)) {
    expect(message.allowed_mentions?.parse ?? 'none is given').toEqual([]);
    expect(message.content ?? '').not.toMatch(/@everyone|@here|<@/);
  }
  const all = [world.annChat.id, story.asker].flatMap((chat) => world.telegram.fromBot(chat));
  expect(all.length).toBeGreaterThan(20);
  for (const message of all) {
    const foreign = message.clickable.filter(({ type }) => ['mention', 'url', 'email', 'hashtag'].includes(type));
    expect(foreign, message.text).toEqual([]);
    expect(message.entities.filter(({ type }) => type === 'text_link' || type === 'text_mention')).toEqual([]);
    expect(message.raw).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(message.raw.length).toBeLessThanOrEqual(4_096);
  }
}, 60_000);

async function both(command: string, value: string): Promise<void> {
  const options = value === '' ? {} : { [command === 'model list' ? 'query' : 'model']: value };
  const shown = await story.discordAsk(command, options);
  expect(shown.title).not.toMatch(/went wrong|failed/i);
  const { text } = await story.telegramAsk(`/${command} ${value.replaceAll('\n', ' ')}`.trim());
  expect(text).not.toMatch(/went wrong/i);
}
