import { echo } from './answers.ts';
import type { Command, Option } from './command.ts';

const MAX_LENGTH = 200;
const MAX_FILE = 64 * 1024;

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
      if (option.required) return { problem: `Missing: ${option.summary}. Usage: ${usage(command)}` };
      continue;
    }
    const checked = option.type === 'integer' ? checkInteger(option, value) : checkText(option, value);
    if (typeof checked === 'object') return checked;
    args[option.name] = checked;
  }
  return { args };
}

/** `/node list [state] [type] [page]` */
export function usage({ path, options }: Pick<Command, 'path' | 'options'>): string {
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

/** Of a text, or of a file that was attached. */
function checkText(option: Option, value: unknown): string | { problem: string } {
  const { name, type, choices, check } = option;
  const maxLength = option.maxLength ?? (type === 'file' ? MAX_FILE : MAX_LENGTH);
  if (typeof value !== 'string') return { problem: `${name} must be ${type === 'file' ? 'a file' : 'text'}.` };
  if (value.length > maxLength) return { problem: `${name} may have at most ${maxLength} characters.` };
  const problem = check?.(value) ?? null;
  if (problem !== null) return { problem };
  if (choices === undefined) return value;
  const chosen = choices.find((choice) => choice.toLowerCase() === value.toLowerCase());
  if (chosen !== undefined) return chosen;
  const allowed = choices.length === 1 ? choices[0] : `one of ${choices.join(', ')}`;
  return { problem: `${name} must be ${allowed}, not ${echo(value)}.` };
}
