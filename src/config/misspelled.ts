import { KEYS } from './keys.ts';

/** Names in the environment that look like a known key but are none, each with the key that was probably meant. */
export function misspelledKeys(names: readonly string[]): { name: string; meant: string }[] {
  const known = new Set(KEYS.map(({ name }) => name));
  return names.flatMap((name) => {
    if (known.has(name) || name.length > 60) return [];
    const near = [...known]
      .map((key) => ({ key, far: distance(key, name) }))
      .filter(({ far }) => far > 0 && far <= 2)
      .sort((a, b) => a.far - b.far)[0];
    return near === undefined ? [] : [{ name, meant: near.key }];
  });
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
