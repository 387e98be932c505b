import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Figure } from './figures.ts';

const HEAD = [
  '# Bench',
  '',
  'Written by `npm run bench`, or part by part (`npm run bench alert kills`): each says when it was measured. Everything',
  'runs on one machine: the chain, both chat rigs, and what is measured. Absolute figures are that machine’s; compare ratios.',
  '',
].join('\n');

const TABLE = ['| What | Measured | Target | | Compared to |', '| --- | --- | --- | --- | --- |'];

/** Puts one part's figures in the place of its earlier ones; the other parts stay as they were measured. */
export function writeReport(file: string, parts: readonly string[], part: string, figures: readonly Figure[]): void {
  const sections = existsSync(file) ? sectionsOf(readFileSync(file, 'utf8')) : new Map<string, string>();
  sections.set(part, sectionText(part, figures));
  writeFileSync(file, `${HEAD}\n${parts.flatMap((name) => sections.get(name) ?? []).join('\n')}`);
}

const sectionsOf = (text: string): Map<string, string> =>
  new Map(
    text
      .split(/^(?=## )/m)
      .filter((section) => section.startsWith('## '))
      .map((section) => [section.slice(3, section.indexOf('\n')), `${section.trimEnd()}\n`]),
  );

function sectionText(part: string, figures: readonly Figure[]): string {
  const rows = figures.map(({ what, measured, target, met, comparedTo }) => {
    const verdict = met === null ? '' : met ? 'met' : '**missed**';
    return `| ${what} | ${measured} | ${target} | ${verdict} | ${comparedTo} |`;
  });
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'})`;
  const when = `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, Node ${process.versions.node}, ${machine}.`;
  return [`## ${part}`, '', when, '', ...TABLE, ...rows, ''].join('\n');
}
