import { JOINER } from '../../lib/units.ts';

/**
 * Telegram turns parts of ordinary text into things to tap: `@name`, `/command`, `#tag`, `$TAG`, addresses with a
 * dot, `tg://…`, phone numbers. What a chain says must not do that (law 3), so an invisible joiner is put inside
 * every such part. Inside `<code>` and `<pre>` Telegram looks for nothing, so text there stays exact and is safe to
 * copy; everything else in a View passes through here.
 */

const WORD = String.raw`[\p{L}\p{N}\p{M}_]`;

/** Each alternative ends where the joiner goes. A plain decimal such as `99.8` is nobody's address and stays. */
const BREAK_AFTER = new RegExp(
  [
    String.raw`(?<keep>(?<![\p{L}\p{N}_.~-])\d+\.\d+(?![\p{L}\p{N}_.~-]))`,
    `[@#$](?=${WORD})`,
    '(?<![A-Za-z0-9_])/(?=[A-Za-z0-9_])',
    ':(?=//)',
    String.raw`\+(?=\d[\d ()-]{4,})`,
    String.raw`(?<=[\p{L}\p{N}\p{M}_~-])[.。．｡](?=[\p{L}\p{N}\p{M}_~-])`,
  ].join('|'),
  'gu',
);

/** UTF-16 offsets in `text` at which a joiner has to stand. */
export function breakPoints(text: string): number[] {
  const points: number[] = [];
  for (const match of text.matchAll(BREAK_AFTER)) {
    if (match.groups?.keep === undefined) points.push(match.index + match[0].length);
  }
  return points;
}

/** The text with the joiners in it: looks the same, nothing in it can be tapped. */
export function neutralise(text: string): string {
  let out = '';
  let from = 0;
  for (const at of breakPoints(text)) {
    out += text.slice(from, at) + JOINER;
    from = at;
  }
  return out + text.slice(from);
}
