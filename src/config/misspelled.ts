import { KEYS } from './keys.ts';

/** Whatever begins like this is meant for us. `NODE_` is not among them: it belongs to Node.js as well. */
const OURS = /^(ASSAY|BEDROCK|DISCORD|OG|TELEGRAM|WALRUS)_/;

const MAX_SLIPS = 2;

/**
 * Names in the environment that are no key, but look like one or begin like ours; each with the key that was probably
 * meant, where there is one.
 */
export function misspelledKeys(names: readonly string[]): { name: string; meant: string | null }[] {
  const known = new Set(KEYS.map(({ name }) => name));
  return names.flatMap((name) => {
    if (known.has(name) || name.length > 60) return [];
    const typed = name.toUpperCase();
    const meant = mistyped(typed, known) ?? (OURS.test(typed) ? misnamed(typed.replace(/^ASSAY_/, '')) : undefined);
    return meant === undefined ? [] : [{ name, meant }];
  });
}

/** The key that a slip or two of the fingers, or the wrong case, makes of it. */
function mistyped(typed: string, known: ReadonlySet<string>): string | undefined {
  return [...known]
    .map((key) => ({ key, far: distance(key, typed) }))
    .filter(({ far }) => far <= MAX_SLIPS)
    .sort((a, b) => a.far - b.far)[0]?.key;
}

/** The key that has most words in common with it, two at least: TELEGRAM_BOT_TOKEN is TELEGRAM_TOKEN. */
function misnamed(typed: string): string | null {
  const words = (name: string): Set<string> => new Set(name.split('_').map((word) => word.replace(/S$/, '')));
  const asked = words(typed);
  const ranked = KEYS.map(({ name }) => {
    const own = words(name);
    const common = [...own].filter((word) => asked.has(word)).length;
    return { name, common, like: common / (own.size + asked.size - common), far: distance(name, typed) };
  })
    .filter(({ common }) => common >= 2)
    .sort((a, b) => b.like - a.like || a.far - b.far);
  return ranked[0]?.name ?? null;
}

/** Edits between two words (optimal string alignment: a swap of neighbours is one). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const at = (r: number, c: number): number => (r === i ? row : (rows[r] as number[]))[c] as number;
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, at(i - 2, j - 2) + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return (rows[a.length] as number[])[b.length] as number;
}
