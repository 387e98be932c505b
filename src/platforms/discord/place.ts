import {
  type AutocompleteInteraction,
  type BaseInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  InteractionContextType,
  PermissionFlagsBits,
} from 'discord.js';
import type { Caller, Place } from '../../bot/command.ts';
import { cleanText } from '../../lib/units.ts';
import { mentionProblem } from './mention.ts';

type Asked = ChatInputCommandInteraction | ButtonInteraction | AutocompleteInteraction;

const MAX_NAME = 60;

export const callerOf = (interaction: BaseInteraction): Caller => ({
  platform: 'discord',
  userId: interaction.user.id,
  name: displayName(interaction),
});

/** As the server shows the person, else as Discord does. A name with nothing readable in it gives way to the next. */
function displayName({ member, user }: BaseInteraction): string {
  const nickname = member === null ? null : 'nickname' in member ? member.nickname : member.nick;
  const names = [nickname, user.globalName, user.username];
  return names.map((name) => cleanText(name ?? '', MAX_NAME)).find((name) => name !== '') ?? 'somebody';
}

/** Where an interaction comes from, and what may be done there. */
export function placeOf(interaction: Asked): Place {
  const inGuild = interaction.guildId !== null;
  const { channel } = interaction;
  const name = channel && 'name' in channel && channel.name ? `#${channel.name}` : 'this channel';
  return {
    platform: 'discord',
    kind: inGuild ? 'channel' : 'private',
    address: { platform: 'discord', chatId: interaction.channelId ?? '', threadId: null },
    title: inGuild ? cleanText(name, 100) : 'direct messages',
    callerManages: async () =>
      !inGuild || (interaction.memberPermissions?.has(PermissionFlagsBits.ManageGuild) ?? false),
    missingPermissions: async () => (inGuild ? missingIn(interaction) : missingOutside(interaction)),
    mentionProblem: async (mention) => {
      const mayMentionEveryone = interaction.appPermissions.has(PermissionFlagsBits.MentionEveryone);
      return mentionProblem(mention, { guild: interaction.guild, mayMentionEveryone });
    },
  };
}

/** Other people's direct messages and groups: brought along, the bot answers there, but it is no member. */
const missingOutside = ({ context }: Asked): string[] =>
  context === InteractionContextType.PrivateChannel
    ? ['the bot itself is not part of this conversation; ask it in a direct message of its own']
    : [];

function missingIn(interaction: Asked): string[] {
  // A user can bring the app along to a server that the bot has not joined: it answers there, but cannot post later.
  if (interaction.guild === null)
    return ['the bot itself is not a member of this server; a server manager must add it'];
  const isThread = interaction.channel?.isThread() ?? false;
  const needed: [bigint, string][] = [
    [PermissionFlagsBits.ViewChannel, 'View Channel'],
    isThread
      ? [PermissionFlagsBits.SendMessagesInThreads, 'Send Messages in Threads']
      : [PermissionFlagsBits.SendMessages, 'Send Messages'],
    [PermissionFlagsBits.EmbedLinks, 'Embed Links'],
    [PermissionFlagsBits.AttachFiles, 'Attach Files'],
  ];
  return needed.filter(([flag]) => !interaction.appPermissions.has(flag)).map(([, name]) => name);
}
