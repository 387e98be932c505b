import { createHash } from 'node:crypto';
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  ApplicationIntegrationType,
  InteractionContextType,
  type REST,
  Routes,
} from 'discord.js';
import type { Command, Option } from '../../bot/command.ts';
import type { MetaStore } from '../../lib/metaStore.ts';

interface OptionJson {
  type: number;
  name: string;
  description: string;
  required?: boolean;
  autocomplete?: boolean;
  choices?: { name: string; value: string }[];
  min_value?: number;
  max_value?: number;
  max_length?: number;
  options?: OptionJson[];
}

/** The bot's commands as Discord registers them: a group is a command with subcommands. */
export function commandsJson(commands: readonly Command[]) {
  const groups = Map.groupBy(commands, ({ path }) => path[0]);
  return [...groups].map(([name, members]) => {
    const single = members.find(({ path }) => path.length === 1);
    const options = single ? single.options.map(optionJson) : members.map(subcommandJson);
    return {
      type: ApplicationCommandType.ChatInput,
      name,
      description: (single?.summary ?? members.map(({ path }) => path[1]).join(', ')).slice(0, 100),
      ...(options.length > 0 ? { options } : {}),
      // Defaults differ from what is documented (discord/discord-api-docs#7108), so both are said.
      contexts: [InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel],
      integration_types: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
    };
  });
}

function subcommandJson({ path, summary, options }: Command): OptionJson {
  return {
    type: ApplicationCommandOptionType.Subcommand,
    name: path[1] ?? path[0],
    description: summary.slice(0, 100),
    ...(options.length > 0 ? { options: options.map(optionJson) } : {}),
  };
}

function optionJson(option: Option): OptionJson {
  const shared = { name: option.name, description: option.summary.slice(0, 100), required: option.required };
  if (option.type === 'integer') {
    return {
      ...shared,
      type: ApplicationCommandOptionType.Integer,
      ...(option.min === undefined ? {} : { min_value: option.min }),
      ...(option.max === undefined ? {} : { max_value: option.max }),
    };
  }
  if (option.type === 'file') return { ...shared, type: ApplicationCommandOptionType.Attachment };
  return {
    ...shared,
    type: ApplicationCommandOptionType.String,
    ...(option.choices ? { choices: option.choices.map((value) => ({ name: value, value })) } : {}),
    ...(option.suggest ? { autocomplete: true } : {}),
    ...(option.choices ? {} : { max_length: option.maxLength ?? 200 }),
  };
}

/** Registers the commands when they are not the ones registered last; answers whether it did. */
export async function registerCommands(
  rest: REST,
  applicationId: string,
  commands: readonly Command[],
  meta: MetaStore,
): Promise<boolean> {
  const body = commandsJson(commands);
  const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  const key = `discord.commands.${applicationId}`;
  if ((await meta.get(key)) === hash) return false;
  await rest.put(Routes.applicationCommands(applicationId), { body });
  await meta.set(key, hash);
  return true;
}
