// Writes what the documents take from the code: .env.example and the README's tables. `--check` only compares.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createRules } from '../src/alerts/registry.ts';
import { ruleWords } from '../src/alerts/ruleWords.ts';
import { usage } from '../src/bot/checkOptions.ts';
import { commands } from '../src/bot/registry.ts';
import { KEYS, type Key } from '../src/config/keys.ts';
import { parseConfig } from '../src/config.ts';

const TO_FILL_IN = new Set(['DISCORD_TOKEN', 'TELEGRAM_TOKEN']);

const ROOT = resolve(import.meta.dirname, '..');

/** The example configuration: tokens to fill in, every other key commented out with its default. */
export function envExample(): string {
  const entry = ({ name, fallback, summary }: Key): string =>
    `# ${summary}\n${TO_FILL_IN.has(name) ? '' : '#'}${name}=${fallback}\n`;
  return [
    '# Copy to .env and give one token, or both. Every other key has the default shown; take the # off to change it.\n',
    ...KEYS.map(entry),
  ].join('\n');
}

const row = (...cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

export function commandTable(): string {
  const rows = commands.map((command) => row(`\`${usage(command)}\``, command.summary));
  return [row('Command', 'What it answers'), row('---', '---'), ...rows].join('\n');
}

export function ruleTable(): string {
  const { config } = parseConfig({}, { needsPlatform: false });
  const rows = createRules(config).map((rule) => {
    const { meaning, levels, clears, threshold, source } = ruleWords(rule);
    return row(`\`${rule.id}\``, meaning, levels, clears, threshold ?? '', source);
  });
  const head = row(
    'Rule',
    'What it means',
    'Level (severity) and when it is told',
    'Over when',
    'Threshold of a subscription',
    'Source',
  );
  return [head, row('---', '---', '---', '---', '---', '---'), ...rows].join('\n');
}

/** The text with the block between `<!-- name -->` and `<!-- /name -->` replaced. */
export function withBlock(text: string, name: string, block: string): string {
  const pattern = new RegExp(`(<!-- ${name} -->\\n)[^]*?(\\n<!-- /${name} -->)`);
  if (!pattern.test(text)) throw new Error(`there is no <!-- ${name} --> block`);
  return text.replace(pattern, (_, open: string, close: string) => `${open}${block}${close}`);
}

const readmePath = resolve(ROOT, 'README.md');

/** Path -> text as it should be. */
export function generatedDocs(): Map<string, string> {
  const readme = withBlock(readFileSync(readmePath, 'utf8'), 'commands', commandTable());
  return new Map([
    [resolve(ROOT, '.env.example'), envExample()],
    [readmePath, withBlock(readme, 'rules', ruleTable())],
  ]);
}

/** Files that differ from what the code says. */
export function staleDocs(): string[] {
  return [...generatedDocs()]
    .filter(([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text)
    .map(([path]) => path);
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const stale = staleDocs();
    for (const path of stale) process.stderr.write(`${path} is not what the code says: run \`npm run docs\`\n`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    for (const [path, text] of generatedDocs()) writeFileSync(path, text);
  }
}
