/** Words for amounts, and text made safe to pass on. All pure; all bounded in length. */

const STEPS: [string, number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** `75` -> `1 min 15 s`, `90061` -> `1 d 1 h`: the two largest units, never a zero one. Negative counts as 0. */
export function duration(seconds: number): string {
  let rest = Math.max(0, Math.floor(seconds));
  const first = STEPS.findIndex(([, size]) => rest >= size);
  if (first === -1) return '0 s';
  const parts: string[] = [];
  for (const [name, size] of STEPS.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(' ');
}

/** `3 min ago`, `in 2 h 5 min`, `now` (within a second). */
export function relativeTime(atSeconds: number, nowSeconds: number): string {
  const age = Math.floor(nowSeconds) - Math.floor(atSeconds);
  if (Math.abs(age) < 1) return 'now';
  return age > 0 ? `${duration(age)} ago` : `in ${duration(-age)}`;
}

/** `2026-11-21 04:42:09 UTC`; `?` when the number is not a moment. */
export function utc(atSeconds: number): string {
  const date = new Date(atSeconds * 1000);
  return Number.isNaN(date.getTime()) ? '?' : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Share as `99.8 %`; never rounds up to 100 % what is not whole, nor down to nothing what is something. */
export function percent(share: number): string {
  const floored = Math.floor(share * 1000) / 10;
  if (share > 0 && floored === 0) return '< 0.1 %';
  return `${Number.isInteger(floored) ? floored : floored.toFixed(1)} %`;
}

/** `0x12ab34…ef90`: enough of a hash or an address to tell it apart. */
export function shortHex(hex: string): string {
  return hex.length <= 14 ? hex : `${hex.slice(0, 8)}…${hex.slice(-4)}`;
}

/** One node or many: `1 node`, `2 nodes`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * Untrusted text made safe to pass on: control, bidirectional and zero-width characters gone, white space
 * folded, at most `max` characters (code points), with an ellipsis where it was cut. Platforms still escape their own markup.
 */
export function cleanText(text: string, max: number): string {
  return cut(folded(text).trim(), max);
}

/** One piece of a line: like `cleanText`, but the spaces at its ends stay, which separate it from its neighbours. */
export function tidy(text: string, max: number): string {
  return cut(folded(text), max);
}

/** U+2060 WORD JOINER: no width, no line break, and part of no mention, name, command, number or address. */
export const JOINER = '\u2060';

const folded = (text: string): string =>
  text
    .replace(/[\p{Cf}\p{Co}\p{Cn}\p{Cs}]/gu, '')
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ');

function cut(text: string, max: number): string {
  const points = [...text];
  return points.length <= max ? text : `${points.slice(0, max - 1).join('')}…`;
}
