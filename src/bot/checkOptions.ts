import { echo } from './answers.ts';
import type { Command, Option } from './command.ts';

const MAX_LENGTH = 200;

export type Checked = { args: Record<string, string | number> } | { problem: string };

/** Raw options as they should be, or what is wrong with them in one sentence for whoever typed it. */
export function checkOptions(command: Command, raw: Readonly<Record<string, unknown>>): Checked {
  const args: Record<string, string | number> = Object.create(null) as Record<string, string | number>;
  const known = new Map(command.options.map((option) => [option.name, option]));
  for (const name of Object.keys(raw)) {
    if (!known.has(name)) return { problem: `There is no option ${echo(name)}. Usage: ${usage(command)}` };
  }
  for (const option of command.options) {
    const value = Object.hasOwn(raw, option.name) ? raw[option.name] : undefined;
    if (value === undefined || value === null || value === '') {
      if (option.required) return { problem: `${option.summary} is missing. Usage: ${usage(command)}` };
      continue;
    }
    const checked = option.type === 'integer' ? checkInteger(option, value) : checkText(option, value);
    if (typeof checked === 'object') return checked;
    args[option.name] = checked;
  }
  return { args };
}

/** `/node list [state] [type] [page]` */
export function usage({ path, options }: Command): string {
  const words = options.map(({ name, required }) => (required ? `<${name}>` : `[${name}]`));
  return `/${[...path, ...words].join(' ')}`;
}

function checkInteger(
  { name, min = 0, max = Number.MAX_SAFE_INTEGER }: Option,
  value: unknown,
): number | { problem: string } {
  const number =
    typeof value === 'number'
      ? value
      : typeof value === 'string' && /^\d{1,15}$/.test(value)
        ? Number(value)
        : Number.NaN;
  if (!Number.isInteger(number) || number < min || number > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
    return { problem: `${name} must be a whole number ${range}, not ${echo(value)}.` };
  }
  return number;
}

function checkText({ name, choices, maxLength = MAX_LENGTH }: Option, value: unknown): string | { problem: string } {
  if (typeof value !== 'string') return { problem: `${name} must be text.` };
  if (value.length > maxLength) return { problem: `${name} may have at most ${maxLength} characters.` };
  if (choices === undefined) return value;
  const chosen = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
  return chosen ?? { problem: `${name} must be one of ${choices.join(', ')}, not ${echo(value)}.` };
}
