import type { View } from '../lib/view.ts';
import { checkOptions, usage } from './checkOptions.ts';
import type { Command, Option, Place, Suggestion } from './command.ts';
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
  place: Place,
): Promise<View | null> {
  const missing = command.options.find((option) => option.required && !isGiven(raw, option));
  if (missing === undefined) return null;
  const answered = command.options.filter((option) => isGiven(raw, option));
  // What was answered wrongly is to be said first.
  if ('problem' in checkOptions({ ...command, options: answered }, raw)) return null;
  return await chooseFor(context, command, missing, { raw, place });
}

/** Buttons for one option, beside what was given already; null when there is nothing to offer. */
export async function chooseFor(
  context: BotContext,
  command: Command,
  option: Option,
  { raw, place }: { raw: Readonly<Record<string, unknown>>; place: Place },
): Promise<View | null> {
  const offered = await offers(context, option, place, raw);
  if (offered.length === 0) return null;
  const given = command.options
    .filter((one) => isGiven(raw, one))
    .map(({ name }) => `${name}:${quoted(String(raw[name]))}`);
  const start = [...command.path, ...given].join(' ');
  return {
    title: `/${command.path.join(' ')}`,
    tone: 'info',
    lines: [`${option.summary}.`, ['Choose one, or type it: ', { code: usage(command) }]],
    actions: offered
      .slice(0, MAX_BUTTONS)
      .map(({ label, value }) => ({ label, command: `${start} ${option.name}:${quoted(value)}` })),
    asOf: null,
    sources: [],
  };
}

async function offers(
  context: BotContext,
  { choices, suggest }: Option,
  place: Place,
  given: Readonly<Record<string, unknown>>,
): Promise<Suggestion[]> {
  return choices?.map((value) => ({ label: value, value })) ?? (await suggest?.(context, '', place, given)) ?? [];
}

const quoted = (text: string): string => (/\s/.test(text) ? `"${text}"` : text);
