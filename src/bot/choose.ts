import type { View } from '../lib/view.ts';
import { checkOptions, usage } from './checkOptions.ts';
import type { Command, Option, Suggestion } from './command.ts';
import type { BotContext } from './context.ts';

const MAX_BUTTONS = 10;

const isGiven = (raw: Readonly<Record<string, unknown>>, { name }: Option): boolean =>
  raw[name] !== undefined && raw[name] !== '';

/** Can a person come to a whole command by buttons alone? */
export const isChoosable = ({ options }: Command): boolean =>
  options.every(({ required, choices, suggest }) => !required || choices !== undefined || suggest !== undefined);

/**
 * Buttons for the first thing that a command still needs to know; null when it lacks nothing, or nothing that could be
 * offered. A press comes back as the command with that answered, until it is whole.
 */
export async function choose(
  context: BotContext,
  command: Command,
  raw: Readonly<Record<string, unknown>>,
): Promise<View | null> {
  const missing = command.options.find((option) => option.required && !isGiven(raw, option));
  if (missing === undefined) return null;
  const answered = command.options.filter((option) => isGiven(raw, option));
  // What was answered wrongly is to be said first.
  if ('problem' in checkOptions({ ...command, options: answered }, raw)) return null;
  const offered = await offers(context, missing);
  if (offered.length === 0) return null;
  const given = answered.map(({ name }) => `${name}:${raw[name]}`);
  const start = [...command.path, ...given].join(' ');
  return {
    title: missing.summary,
    tone: 'info',
    lines: [['Choose one, or type it: ', { code: usage(command) }]],
    actions: offered
      .slice(0, MAX_BUTTONS)
      .map(({ label, value }) => ({ label, command: `${start} ${missing.name}:${value}` })),
    asOf: null,
    sources: [],
  };
}

async function offers(context: BotContext, { choices, suggest }: Option): Promise<Suggestion[]> {
  return choices?.map((value) => ({ label: value, value })) ?? (await suggest?.(context, '')) ?? [];
}
