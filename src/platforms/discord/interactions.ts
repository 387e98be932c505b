import {
  type AutocompleteInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  DiscordAPIError,
  type Interaction,
  MessageFlags,
} from 'discord.js';
import { errorView } from '../../bot/answers.ts';
import { decodeButton } from '../../bot/button.ts';
import type { Dispatcher, Progress } from '../../bot/dispatch.ts';
import type { RenderChart } from '../../lib/chart.ts';
import type { Clock } from '../../lib/clock.ts';
import { explain } from '../../lib/errors.ts';
import { UnreadableFile } from '../../lib/fileText.ts';
import type { Logger } from '../../lib/logger.ts';
import { Newest } from '../../lib/newest.ts';
import { cleanText } from '../../lib/units.ts';
import type { View } from '../../lib/view.ts';
import { readAttachment } from './attachedFile.ts';
import { bodyOf } from './body.ts';
import { callerOf, placeOf } from './place.ts';
import { renderPlain } from './render.ts';

export interface InteractionTools {
  dispatcher: Dispatcher;
  /** Another API than Discord's, which hands out files as well. */
  apiUrl: string | null;
  renderChart: RenderChart;
  clock: Clock;
  logger: Logger;
}

/** 10062: answered too late; 40060: answered already, most often by a second process on this token. */
const LOST = new Map([
  [10062, 'an interaction expired before it was answered'],
  [40060, 'an interaction was already answered: is another instance running with this token?'],
]);

const INVALID_BODY = 50035;

/** Discord takes five edits in five seconds of one message. */
const PROGRESS_EVERY_MS = 1_500;

/** Characters of a suggestion's name and of its value. */
const MAX_CHOICE = 100;

/** Answers one interaction. Never throws; what could not be answered is logged. */
export async function answerInteraction(interaction: Interaction, tools: InteractionTools): Promise<void> {
  try {
    if (interaction.isChatInputCommand()) await answerCommand(interaction, tools);
    else if (interaction.isAutocomplete()) await answerAutocomplete(interaction, tools);
    else if (interaction.isButton()) await answerButton(interaction, tools);
  } catch (error) {
    const lost = error instanceof DiscordAPIError ? LOST.get(Number(error.code)) : undefined;
    tools.logger[lost ? 'warn' : 'error']({ cause: explain(error) }, lost ?? 'an interaction could not be answered');
  }
}

function pathOf(interaction: ChatInputCommandInteraction | AutocompleteInteraction): string[] {
  const sub = interaction.options.getSubcommand(false);
  return sub === null ? [interaction.commandName] : [interaction.commandName, sub];
}

async function answerCommand(interaction: ChatInputCommandInteraction, tools: InteractionTools): Promise<void> {
  const path = pathOf(interaction);
  const command = tools.dispatcher.commands.find((one) => one.path.join(' ') === path.join(' '));
  // Before anything else: Discord waits three seconds for this, whatever the store is doing.
  await interaction.deferReply(command?.private ? { flags: MessageFlags.Ephemeral } : {});
  const live = progressIn(interaction, tools);
  const view = await answerTo(interaction, path, tools, (part) => live.offer(part)).finally(() => live.end());
  if (view.private && !command?.private) {
    // The placeholder goes first: a follow-up sent before would take its place, for everybody to see.
    await interaction.deleteReply().catch(() => undefined);
    await privately(interaction, view, tools);
    return;
  }
  await openly(interaction, view, tools);
}

async function answerTo(
  interaction: ChatInputCommandInteraction,
  path: readonly string[],
  { dispatcher, apiUrl }: InteractionTools,
  progress: Progress,
): Promise<View> {
  const given = interaction.options.data.flatMap((option) => (option.options ? [...option.options] : [option]));
  try {
    const values = given.map(async ({ name, value, attachment }) => [
      name,
      attachment ? await readAttachment(attachment, apiUrl) : value,
    ]);
    const options = Object.fromEntries(await Promise.all(values)) as Record<string, unknown>;
    return await dispatcher.run(path, options, callerOf(interaction), placeOf(interaction), progress);
  } catch (error) {
    if (error instanceof UnreadableFile) return errorView('That file cannot be read', [error.message]);
    throw error;
  }
}

async function answerButton(interaction: ButtonInteraction, tools: InteractionTools): Promise<void> {
  const button = decodeButton(interaction.customId);
  if (button === null) {
    await interaction.reply({
      content: 'This button is not one of mine any more. Try the command again.',
      flags: MessageFlags.Ephemeral,
    });
    return;
  }
  if (button.mode === 'edit') await interaction.deferUpdate();
  else await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const live = progressIn(interaction, tools);
  let isBegun = false;
  const show = (part: View): void => {
    isBegun = true;
    live.offer(part);
  };
  const view = await tools.dispatcher
    .runText(button.command, callerOf(interaction), placeOf(interaction), show)
    .finally(() => live.end());
  const everybodyReads = !interaction.message.flags.has(MessageFlags.Ephemeral);
  // Parts of an answer have taken the message's place already: the end of it belongs there too.
  if (button.mode === 'edit' && !isBegun && view.private && (everybodyReads || view.tone === 'error')) {
    // What everybody reads is not replaced by one person's mistake, nor by what only that person should see.
    await privately(interaction, view, tools);
    return;
  }
  await openly(interaction, view, tools);
}

/** Where parts of an answer are shown while it is made: in its own place. */
const progressIn = (interaction: ChatInputCommandInteraction | ButtonInteraction, tools: InteractionTools) =>
  new Newest<View>(
    async (part) => await interaction.editReply(await bodyOf(part, tools)),
    tools.clock,
    PROGRESS_EVERY_MS,
  );

/**
 * In place of what was deferred. "Thinking…" is no answer: a body that is refused goes once more as plain text, one
 * that Discord's servers or the way there failed goes once more as it is, since an edit done twice is done once.
 */
async function openly(
  interaction: ChatInputCommandInteraction | ButtonInteraction,
  view: View,
  tools: InteractionTools,
): Promise<void> {
  try {
    await interaction.editReply(await bodyOf(view, tools));
  } catch (error) {
    if (error instanceof DiscordAPIError && error.code !== INVALID_BODY) throw error;
    const refused = error instanceof DiscordAPIError;
    tools.logger[refused ? 'error' : 'warn']({ cause: explain(error) }, 'an answer was not taken and goes again');
    await interaction.editReply(
      refused ? { content: renderPlain(view), embeds: [], components: [] } : await bodyOf(view, tools),
    );
  }
}

async function privately(
  interaction: ChatInputCommandInteraction | ButtonInteraction,
  view: View,
  tools: InteractionTools,
): Promise<void> {
  await interaction.followUp({ ...(await bodyOf(view, tools)), flags: MessageFlags.Ephemeral });
}

async function answerAutocomplete(
  interaction: AutocompleteInteraction,
  { dispatcher }: InteractionTools,
): Promise<void> {
  const { name, value } = interaction.options.getFocused(true);
  const others = interaction.options.data.flatMap((option) => option.options ?? [option]);
  const given = Object.fromEntries(others.map((option) => [option.name, option.value]));
  const found = await dispatcher.suggest(pathOf(interaction), name, String(value), placeOf(interaction), given);
  await interaction.respond(
    found
      // A value that is cut would be another one.
      .filter(({ value: chosen }) => chosen !== '' && chosen.length <= MAX_CHOICE)
      .slice(0, 25)
      .map(({ label, value: chosen }) => ({ name: cleanText(label, MAX_CHOICE / 2) || '?', value: chosen })),
  );
}
