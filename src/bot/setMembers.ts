import type { SetMember } from '../lib/influence.ts';
import { cleanText, shortHex } from '../lib/units.ts';

const MAX_LABEL = 32;
/** Of a beginning: fewer characters fit too many. */
const MIN_BEGINNING = 4;
/** Names with more commas are none: whoever types a thousand of them waits for nobody. */
const MAX_PIECES = 8;

/** Who it is in an answer: its name, or its address in short. Untrusted text, cleaned and bounded. */
export const memberLabel = ({ id, label }: Pick<SetMember, 'id' | 'label'>): string =>
  readable(label) || readable(id) || '(no name)';

const readable = (text: string): string => cleanText(/^0x[0-9a-f]{9,}$/i.test(text) ? shortHex(text) : text, MAX_LABEL);

/** `a, b, c and 4 more` */
export function listLabels(members: readonly SetMember[], shown: number): string {
  const labels = members.slice(0, shown).map(memberLabel);
  const more = members.length - labels.length;
  return more > 0 ? `${labels.join(', ')} and ${more} more` : labels.join(', ');
}

/** What was typed, member by member; `fits`: how many it could be where it is not one. */
export interface NamedMembers {
  members: SetMember[];
  wrong: { name: string; fits: number }[];
  /** How many were named. */
  count: number;
}

/**
 * Members of a set by what people call them, separated by commas: by name, by address, by the beginning of an address, or as they are
 * shown (`0x1234ab…cdef`). Names with commas are found too, in quotes or without. The word `without` before them is left out.
 */
export function findMembers(members: readonly SetMember[], typed: string): NamedMembers {
  const find = finder(members);
  const asTyped = named(find, piecesOf(typed));
  const plain = typed.replace(/^\s*without\s+/i, '');
  return plain === typed || (asTyped.wrong.length === 0 && asTyped.count > 0) ? asTyped : named(find, piecesOf(plain));
}

interface Find {
  /** By the whole name or address. */
  exact(name: string): readonly SetMember[];
  /** Else by what it begins with, which looks at every member. */
  near(name: string): readonly SetMember[];
}

function named(find: Find, pieces: readonly string[]): NamedMembers {
  const result: NamedMembers = { members: [], wrong: [], count: 0 };
  for (let at = 0; at < pieces.length; ) {
    // The longest name first, for there may be commas in it.
    let until = Math.min(pieces.length, at + MAX_PIECES);
    while (until > at + 1 && find.exact(pieces.slice(at, until).join(',')).length !== 1) until -= 1;
    const name = pieces.slice(at, until).join(',');
    const [only, ...others] = find.near(name);
    if (only === undefined || others.length > 0) result.wrong.push({ name, fits: only ? 1 + others.length : 0 });
    else if (!result.members.includes(only)) result.members.push(only);
    result.count += 1;
    at = until;
  }
  return result;
}

const piecesOf = (typed: string): string[] => typed.split(',').filter((piece) => nameOf(piece) !== '');

function finder(members: readonly SetMember[]): Find {
  const byName = new Map<string, SetMember[]>();
  const add = (name: string, member: SetMember): void => {
    const known = byName.get(name);
    if (known === undefined) byName.set(name, [member]);
    else if (!known.includes(member)) known.push(member);
  };
  for (const member of members) {
    add(nameOf(member.id), member);
    if (member.label !== member.id) add(nameOf(member.label), member);
  }
  const exact = (name: string): readonly SetMember[] => byName.get(nameOf(name)) ?? [];
  const near = (name: string): readonly SetMember[] => {
    const text = nameOf(name);
    const same = byName.get(text);
    if (same !== undefined) return same;
    const [start = '', end] = text.split(/…|\.\.\./, 2);
    if (start.length < MIN_BEGINNING) return [];
    return members.filter(({ id, label }) =>
      end === undefined
        ? id.toLowerCase().startsWith(start)
        : [id.toLowerCase(), nameOf(label)].some((one) => one.startsWith(start) && one.endsWith(end)),
    );
  };
  return { exact, near };
}

/** Quotes are how names are typed, or lost on the way here; so are spaces around commas. */
const nameOf = (text: string): string =>
  cleanText(text.replaceAll('"', ''), 200)
    .replace(/\s*,\s*/g, ',')
    .toLowerCase();
