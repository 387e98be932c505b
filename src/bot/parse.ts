import type { Command } from './command.ts';

/** What a line of text asks for: a command with raw options, a bare group, or nothing we know. */
export type Parsed =
  | { kind: 'command'; command: Command; options: Record<string, unknown> }
  | { kind: 'group'; group: string; commands: Command[] }
  | { kind: 'too-many'; command: Command; options: Record<string, unknown>; extra: string }
  | { kind: 'unknown'; word: string };

const MAX_TEXT = 2_000;

/**
 * Reads a typed command: `/node status 0x12ab`, `node list degraded page:2`, `/alerts@bot list`. Options go by
 * position or as `name:value`; only declared names count as such, so endpoints with colons stay whole. Quotes join
 * words.
 */
export function parseText(text: string, commands: readonly Command[]): Parsed {
  const [first = '', ...rest] = words(text.slice(0, MAX_TEXT).trim());
  const head = first.replace(/^\//, '').split('@')[0]?.toLowerCase() ?? '';
  const family = commands.filter(({ path }) => path[0] === head);
  if (family.length === 0) return { kind: 'unknown', word: head };
  const second = rest[0]?.toLowerCase();
  const sub = family.find(({ path }) => path.length === 2 && path[1] === second);
  if (sub) return withOptions(sub, rest.slice(1));
  const single = family.find(({ path }) => path.length === 1);
  if (single) return withOptions(single, rest);
  const usual = second === undefined ? undefined : family.find(({ isDefault }) => isDefault);
  if (usual) return withOptions(usual, rest);
  return second === undefined
    ? { kind: 'group', group: head, commands: family }
    : { kind: 'unknown', word: `${head} ${second}` };
}

function withOptions(command: Command, rest: readonly string[]): Parsed {
  const options: Record<string, unknown> = {};
  const byPosition: string[] = [];
  for (const word of rest) {
    const [, name, value] = /^([a-z]+):(.*)$/s.exec(word) ?? [];
    if (name !== undefined && command.options.some((option) => option.name === name)) options[name] = value;
    else byPosition.push(word);
  }
  for (const option of command.options) {
    if (byPosition.length === 0) break;
    if (option.rest) {
      const named = option.name in options ? [options[option.name]] : [];
      options[option.name] = [...named, ...byPosition.splice(0)].join(' ');
      break;
    }
    if (option.name in options || !fits(option, byPosition[0] as string)) continue;
    options[option.name] = byPosition.shift();
  }
  const [extra] = byPosition;
  return extra === undefined ? { kind: 'command', command, options } : { kind: 'too-many', command, options, extra };
}

/**
 * An optional one is skipped when the word is none of its values: `node list LLMProxy` means the type, and in
 * `alerts mute 2h` the duration.
 */
function fits(option: Command['options'][number], word: string): boolean {
  if (option.required) return true;
  if (option.type === 'integer') return /^\d+$/.test(word);
  if (option.choices) return option.choices.includes(word.toLowerCase());
  return option.check === undefined || option.check(word) === null;
}

/** Quotes may stand anywhere in a word, as in `type:"LLM proxy"`; a lone one is a character like any other. */
function words(text: string): string[] {
  return [...text.matchAll(/(?:"[^"]*"|\S)+/g)].map(([word]) => word.replace(/"([^"]*)"/g, '$1'));
}
