/** What Discord's app makes of a text: its formatting, written down from how the app behaves. */
interface Read {
  /** What a reader sees, markup gone. */
  visible: string;
  /** Formatting marks that took effect, e.g. `**`, `-# `. */
  marks: string[];
  code: string[];
  links: string[];
  times: string[];
  /** People, roles, channels, commands, custom emoji; addresses and invites that are found without markup. */
  live: string[];
}

const ESCAPE = /\\([^0-9A-Za-z\s])/y;
const CODE = /(`+)([\s\S]*?[^`])\1(?!`)/y;
const TIME = /<t:-?\d{1,17}(?::[tTdDfFR])?>/y;
const MENTION = /<(?:@[!&]?|#)\d+>|<\/[^>\n]+:\d+>|<a?:\w+:\d+>|<id:\w+>|@everyone|@here/y;
const LINK = /\[((?:\\.|[^\]\\])+)\]\((https?:\/\/[^\s)]+)\)/y;
const ADDRESS = /[a-z][a-z0-9+.-]*:\/\/\S+|<[a-z]+:[^>\s]+>|discord(?:app)?\.(?:gg|com|gift|new)\/\S*/iy;
const BLOCK = /(?:-# |#{1,3} |>>> |> |[-*] )/y;
const MARK = /\*\*|__|~~|\|\||\*|_/y;

export function readMarkdown(text: string): Read {
  const read: Read = { visible: '', marks: [], code: [], links: [], times: [], live: [] };
  for (let at = 0; at < text.length; ) {
    const take = (pattern: RegExp): RegExpExecArray | null => {
      pattern.lastIndex = at;
      const found = pattern.exec(text);
      if (found !== null) at = pattern.lastIndex;
      return found;
    };
    const startsLine = /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, at - 20), at));
    const block = startsLine ? take(BLOCK) : null;
    if (block) {
      read.marks.push(block[0]);
      continue;
    }
    const escaped = take(ESCAPE);
    if (escaped) {
      read.visible += escaped[1];
      continue;
    }
    const code = take(CODE);
    if (code) {
      read.code.push(code[2] ?? '');
      read.visible += code[2];
      continue;
    }
    const time = take(TIME);
    if (time) {
      read.times.push(time[0]);
      continue;
    }
    const link = take(LINK);
    if (link) {
      const label = readMarkdown(link[1] ?? '');
      read.links.push(link[2] ?? '');
      read.visible += label.visible;
      read.marks.push(...label.marks);
      read.live.push(...label.live);
      continue;
    }
    const live = take(MENTION) ?? take(ADDRESS);
    if (live) {
      read.live.push(live[0]);
      continue;
    }
    const mark = take(MARK);
    if (mark) {
      read.marks.push(mark[0]);
      continue;
    }
    read.visible += text[at];
    at += 1;
  }
  return read;
}
