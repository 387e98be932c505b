import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChannelType } from 'discord.js';
import { DigitalDiscord, type DigitalDiscordCommandOption } from 'discord-digital-twin';
import { extendGateway } from './gateway.ts';
import { type Recorded, startProxy } from './proxy.ts';

export interface Shown {
  title: string;
  /** Beside the embed. */
  content: string;
  description: string;
  footer: string;
  buttons: { label: string; customId: string }[];
  files: Recorded['files'];
  ephemeral: boolean;
}

/** A file that a person attaches: where it is said to be, and how large. */
export interface AttachedFile {
  url: string;
  size: number;
}

const attachmentId = '400000000000000001';

const attachmentJson = ({ url, size }: AttachedFile) => ({
  id: attachmentId,
  filename: 'set.json',
  url,
  proxy_url: url,
  size,
  content_type: 'application/json',
});

/** Who asks where, and what their interaction says that the twin would not say. */
interface Where {
  channelId?: string;
  userId?: string;
  payload?: Record<string, unknown>;
}

export type DiscordRig = Awaited<ReturnType<typeof startDiscordRig>>;

/** A Discord of our own: the twin's server and gateway, behind a proxy that records, judges and injects. */
export async function startDiscordRig() {
  const channelId = '300000000000000001';
  const otherChannelId = '300000000000000002';
  const managerId = '200000000000000001';
  const memberId = '200000000000000002';
  const folder = mkdtempSync(join(tmpdir(), 'assay-twin-'));
  const twin = new DigitalDiscord({
    botToken: 'TestBotTokenForTheTwin000.AAAAAA.BBBBBBBBBBBBBBBBBBBBBBBBBBB',
    dbUrl: `file:${join(folder, 'twin.db')}`,
    guild: { name: 'Test Server' },
    channels: [
      { id: channelId, name: 'general', type: ChannelType.GuildText },
      { id: otherChannelId, name: 'other', type: ChannelType.GuildText },
    ],
    users: [
      { id: managerId, username: 'manager' },
      { id: memberId, username: 'member' },
    ],
  });
  await twin.start();
  await twin.prisma.guildMember.updateMany({ where: { userId: memberId }, data: { permissions: '2048' } });
  const proxy = await startProxy(new URL(twin.restUrl).origin);
  const gateway = extendGateway(twin);

  /** The finished answer to an interaction: an edit of the deferred reply, or a private follow-up. */
  async function answerTo(token: string, since: number, timeoutMs?: number): Promise<Shown> {
    const isAnswer = (one: Recorded): boolean =>
      proxy.recorded.indexOf(one) >= since &&
      one.path.includes(token) &&
      (/\/webhooks\/\d+\/[^/]+(\/messages\/@original)?$/.test(one.path) ||
        (one.path.endsWith('/callback') && (one.body as { type: number }).type === 4)) &&
      one.method !== 'DELETE';
    const found = await proxy.until(isAnswer, timeoutMs);
    const ack = proxy.recorded.find((one) => one.path.includes(token) && one.path.endsWith('/callback'));
    const ackData = (ack?.body as { data?: { flags?: number } } | undefined)?.data;
    const body = found.path.endsWith('/callback') ? (found.body as { data: object }).data : found.body;
    const flags = (body as { flags?: number }).flags ?? ackData?.flags ?? 0;
    return { ...shownOf(body, found.files), ephemeral: (flags & 64) !== 0 };
  }

  return {
    apiUrl: proxy.apiUrl,
    token: twin.botToken,
    twin,
    proxy,
    gateway,
    channelId,
    otherChannelId,
    managerId,
    memberId,
    /** `slash('node status', { node: '0x12' })` as a person would run it; resolves with the finished answer. */
    async slash(
      command: string,
      options: Record<string, string | number | AttachedFile> = {},
      where: Where & { timeoutMs?: number } = {},
    ): Promise<Shown> {
      if (where.payload) gateway.nextInteraction(where.payload);
      const since = proxy.recorded.length;
      const [name = '', sub] = command.split(' ');
      const leaves = Object.entries(options).map(
        ([key, value]): DigitalDiscordCommandOption =>
          typeof value === 'object'
            ? { name: key, type: 11, value: attachmentId }
            : { name: key, type: typeof value === 'number' ? 4 : 3, value },
      );
      const attached = Object.values(options).find((value) => typeof value === 'object');
      if (attached) gateway.nextAttachment(attachmentJson(attached));
      const { token } = await twin.simulateSlashCommand({
        channelId: where.channelId ?? channelId,
        userId: where.userId ?? managerId,
        name,
        options: sub === undefined ? leaves : [{ name: sub, type: 1, options: leaves }],
      });
      return await answerTo(token, since, where.timeoutMs);
    },
    /** Presses a button of the newest bot message in the channel. */
    async press(customId: string, where: Where = {}): Promise<Shown> {
      if (where.payload) gateway.nextInteraction(where.payload);
      const since = proxy.recorded.length;
      const channel = where.channelId ?? channelId;
      const messages = await twin.channel(channel).getMessages();
      const message = messages.filter(({ author }) => author.id === twin.botUserId).at(-1);
      const { token } = await twin.simulateButtonClick({
        channelId: channel,
        userId: where.userId ?? managerId,
        messageId: message?.id ?? '',
        customId,
      });
      return await answerTo(token, since);
    },
    /** What is suggested while an option is being typed. */
    async autocomplete(command: string, option: string, typed: string): Promise<{ name: string; value: string }[]> {
      const [name = '', sub] = command.split(' ');
      const focused = { name: option, type: 3, value: typed, focused: true };
      const { token } = await twin.simulateInteraction({
        type: 4,
        channelId,
        userId: managerId,
        data: {
          id: '1',
          name,
          type: 1,
          options: sub === undefined ? [focused] : [{ name: sub, type: 1, options: [focused] }],
        },
      });
      const found = await proxy.until((one) => one.path.includes(token) && one.path.endsWith('/callback'));
      return (found.body as { data: { choices: { name: string; value: string }[] } }).data.choices;
    },
    /** Messages that the bot sent to a channel by itself, oldest first: alerts, not answers. */
    sent(channel = channelId): Shown[] {
      return proxy.recorded
        .filter(
          ({ method, path, status }) => method === 'POST' && path === `/channels/${channel}/messages` && status === 200,
        )
        .map(({ body, files }) => ({ ...shownOf(body, files), ephemeral: false }));
    },
    async close(): Promise<void> {
      await proxy.close();
      await twin.stop();
      await twin.prisma.$disconnect();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function shownOf(body: unknown, files: Recorded['files']): Omit<Shown, 'ephemeral'> {
  const {
    content,
    embeds = [],
    components = [],
  } = body as {
    content?: string;
    embeds?: { title?: string; description?: string; footer?: { text: string } }[];
    components?: { components: { label: string; custom_id: string }[] }[];
  };
  const [embed] = embeds;
  return {
    title: embed?.title ?? '',
    content: content ?? '',
    description: embed?.description ?? content ?? '',
    footer: embed?.footer?.text ?? '',
    buttons: components.flatMap((row) =>
      row.components.map(({ label, custom_id }) => ({ label, customId: custom_id })),
    ),
    files,
  };
}
