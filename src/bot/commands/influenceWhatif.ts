import { without } from '../../insight/setChange.ts';
import type { SetMember } from '../../lib/influence.ts';
import { cleanText } from '../../lib/units.ts';
import type { View } from '../../lib/view.ts';
import { echo, errorView } from '../answers.ts';
import type { Command, Option, Place, Suggestion } from '../command.ts';
import type { BotContext } from '../context.ts';
import { type FoundSet, findSet, SETS_SUMMARY, setOption } from '../influenceSets.ts';
import { changeLines, decideWords, notPeople, SHOWN_METRICS } from '../metricWords.ts';
import { findMembers, listLabels, memberLabel, type NamedMembers } from '../setMembers.ts';
import { setStamp } from '../setStamp.ts';

/** More names would not be read. */
const MAX_NAMES = 20;
/** Discord takes no longer value. */
const MAX_SUGGESTED = 100;
const NAMES_SHOWN = 3;
const LARGEST_SHOWN = 5;

const nameOption: Option = {
  name: 'without',
  summary: 'Whom to leave out: names or addresses, separated by commas',
  type: 'text',
  required: true,
  // Twenty addresses and a few more, which are told how many may be.
  maxLength: 1_200,
  rest: true,
  suggest: suggestMembers,
};

/** Members of the set that is given, the heaviest first; behind a comma, one more of them. */
async function suggestMembers(
  context: BotContext,
  typed: string,
  _place?: Place,
  given: Readonly<Record<string, unknown>> = {},
): Promise<Suggestion[]> {
  if (typeof given.set !== 'string') return [];
  const found = await findSet(context, given.set, undefined, () => null);
  if ('instead' in found) return [];
  const members = (await context.store.sets.members(found.id, found.day.day))?.members ?? [];
  const comma = typed.lastIndexOf(',');
  const before = comma === -1 ? '' : `${typed.slice(0, comma)}, `;
  const text = typed
    .slice(comma + 1)
    .trim()
    .toLowerCase();
  return members
    .filter(
      ({ id, label }) =>
        before.length + id.length <= MAX_SUGGESTED && (id.startsWith(text) || label.toLowerCase().includes(text)),
    )
    .slice(0, 25)
    .map((member) => ({ label: memberLabel(member), value: `${before}${member.id}` }));
}

export const influenceWhatif: Command = {
  path: ['influence', 'whatif'],
  summary: 'A set without some of its members: how much depends on them',
  options: [setOption('set', SETS_SUMMARY), nameOption],
  permission: 'everyone',
  examples: ['influence whatif power without 0xa11ce', 'influence whatif validators without amber, birch'],
  async run(context, { args }): Promise<View> {
    const typed = String(args.without);
    const found = await findSet(context, args.set, undefined, (set) =>
      isPlain(typed) ? `influence whatif ${set} ${typed}` : null,
    );
    if ('instead' in found) return found.instead;
    const { id, day, kind, title } = found;
    const all = (await context.store.sets.members(id, day.day))?.members ?? [];
    const { members, wrong, count } = findMembers(all, typed);
    if (count > MAX_NAMES) {
      return errorView('Too many names', [`At most ${MAX_NAMES} can be left out at once; ${count} were named.`]);
    }
    if (wrong.length > 0 || members.length === 0) return notThere(found, all, wrong);
    const { metrics } = without(all, new Set(members.map((member) => member.id)));
    const { warning, asOf, sources } = setStamp(context, found);
    return {
      title: `What if: ${title} without ${listLabels(members, 1)}`,
      tone: metrics.count === 0 ? 'unknown' : 'info',
      lines: [
        [{ strong: `Without ${listLabels(members, NAMES_SHOWN)}: ${decideWords(metrics, kind)}` }],
        `Now: ${decideWords(day.latest, kind)}`,
        ...warning,
        ...(metrics.count === 0 ? [] : changeLines(['count', ...SHOWN_METRICS], day.latest, metrics, 'As now')),
        'Their weight is taken as gone, not as handed to others: what they would do instead nobody knows.',
        ...notPeople(kind),
      ],
      actions: [{ label: 'As it is', command: `influence show ${id}`, mode: 'reply' }],
      ...{ asOf, sources },
    };
  },
};

function notThere({ id, title }: FoundSet, all: readonly SetMember[], wrong: NamedMembers['wrong']): View {
  if (all.length === 0) return errorView('Nobody to leave out', [`In ${title} nobody has any weight now.`]);
  const lines = wrong
    .slice(0, NAMES_SHOWN)
    .map(({ name, fits }) =>
      fits === 0
        ? `${echo(name)} is not in ${title}.`
        : `${echo(name)} fits ${fits} of them: type more of it, or the address.`,
    );
  const more = wrong.length > NAMES_SHOWN ? [`And ${wrong.length - NAMES_SHOWN} more are not found.`] : [];
  return errorView(
    wrong.some(({ fits }) => fits > 0) ? 'Which one?' : 'Not in this set',
    [
      ...(lines.length === 0 ? ['Name whom to leave out: names or addresses, separated by commas.'] : lines),
      ...more,
      `The largest are: ${listLabels(all.slice(0, LARGEST_SHOWN), LARGEST_SHOWN)}.`,
    ],
    all
      .filter((member) => isPlain(member.id) && !member.id.includes(','))
      .slice(0, NAMES_SHOWN)
      .map((member) => ({ label: `without ${memberLabel(member)}`, command: `influence whatif ${id} ${member.id}` })),
  );
}

/** A text that means the same when it is part of a typed command. */
const isPlain = (text: string): boolean =>
  text !== '' &&
  text.length <= 100 &&
  !text.includes('"') &&
  !/(^|\s)[a-z]+:/.test(text) &&
  cleanText(text, 101) === text;
