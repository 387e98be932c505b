import { isDeepStrictEqual } from 'node:util';
import { plural } from '../lib/units.ts';
import type { Inline, Line, Tone, View } from '../lib/view.ts';
import { type DeliveryPart, type QueuedDelivery, SEVERITIES } from '../store/store.ts';
import { type Attendance, attendanceLine, attendanceOf, attendanceWords, isOn } from './attendance.ts';

const MAX_LINES = 10;
/** More different headlines than this are only counted. */
const MAX_HEADLINES = 2;
/** The worst first. */
const TONES: readonly Tone[] = ['down', 'error', 'degraded', 'unknown', 'info', 'ok'];

type Group = Pick<QueuedDelivery, 'parts' | 'reason'>;

/** One incident of a group: its newest word, and its first where the message tells how it began as well. */
interface Member {
  newest: DeliveryPart;
  first: DeliveryPart | null;
}

/** Several alerts as one View without buttons: what and how many, then a line each, at most ten of them. */
export function groupView({ parts, reason }: Group, nowMs: number): View {
  const members = membersOf(parts, reason);
  const newest = members.map((member) => member.newest);
  const shared = new Set(newest.map(({ view }) => headlineOf(view))).size === 1;
  const shown = members.slice(0, members.length > MAX_LINES ? MAX_LINES : undefined);
  const together = attendedAsOne(newest, nowMs);
  const times = newest.flatMap(({ view }) => (view.asOf === null ? [] : [view.asOf]));
  return {
    title: titleOf(newest, reason),
    tone: TONES.find((tone) => newest.some(({ view }) => view.tone === tone)) ?? 'info',
    lines: [
      ...shown.map((member) =>
        lineOf(member, shared && reason === '', together === null ? attendanceAt(member, nowMs) : null),
      ),
      ...(shown.length < members.length ? [`+${members.length - shown.length} more`] : []),
      ...(together === null ? [] : attendanceLine(together)),
    ],
    // Not newer than the oldest of what it says.
    asOf: times.length === 0 ? null : Math.min(...times),
    sources: sourcesOf(newest),
  };
}

/**
 * What was held is told from its end: an incident is one line whatever happened to it meanwhile, and what is still on
 * comes first, the gravest before the others.
 */
function membersOf(parts: readonly DeliveryPart[], reason: Group['reason']): Member[] {
  const byIncident = Map.groupBy(parts, (part) => part.incident?.id ?? part);
  const members = [...byIncident.values()].map((told): Member => {
    const newest = told.at(-1) as DeliveryPart;
    const first = told[0] as DeliveryPart;
    return { newest, first: newest.kind === 'resolved' && first.kind === 'fired' ? first : null };
  });
  return reason === '' ? members : members.sort((a, b) => urgency(b.newest) - urgency(a.newest));
}

const urgency = (part: DeliveryPart): number =>
  isOn(part) && part.incident !== null ? SEVERITIES.indexOf(part.incident.severity) : -1;

function titleOf(parts: readonly DeliveryPart[], reason: Group['reason']): string {
  const alerts = plural(parts.length, 'alert');
  if (reason === 'quiet') return `While it was quiet: ${alerts}`;
  if (reason === 'backlog') return `${alerts}, told together because more were queued than can be sent`;
  const worstFirst = [...parts].sort((a, b) => TONES.indexOf(a.view.tone) - TONES.indexOf(b.view.tone));
  const byHeadline = Map.groupBy(worstFirst, ({ view }) => headlineOf(view));
  if (byHeadline.size > MAX_HEADLINES) return alerts;
  return [...byHeadline].map(([headline, some]) => `${headline}: ${counted(some)}`).join(', ');
}

/** `5 nodes` where all are about nodes, else `5 alerts`. */
function counted(parts: readonly DeliveryPart[]): string {
  return plural(parts.length, parts.every(({ incident }) => incident?.rule.startsWith('node.')) ? 'node' : 'alert');
}

const headlineOf = ({ headline, title }: View): string => headline ?? title;

/** The title without its headline: who it is about. */
function labelOf(view: View): string {
  const start = `${view.headline}: `;
  return view.headline !== undefined && view.title.startsWith(start) ? view.title.slice(start.length) : view.title;
}

/** Each source once, as the oldest part read it: its block goes with the time that is told. */
function sourcesOf(parts: readonly DeliveryPart[]): string[] {
  const oldestFirst = [...parts].sort((a, b) => (a.view.asOf ?? 0) - (b.view.asOf ?? 0));
  const named = new Map<string, string>();
  for (const source of oldestFirst.flatMap(({ view }) => view.sources)) {
    const name = source.replace(/, block \d+$/, '');
    if (!named.has(name)) named.set(name, source);
  }
  return [...named.values()];
}

/** The one word on all that are still on, as a press on the message leaves it; null when there is none, or several. */
function attendedAsOne(parts: readonly DeliveryPart[], nowMs: number): Attendance | null {
  const [first, ...others] = parts.filter(isOn).map(({ notice }) => attendanceOf(notice, nowMs));
  if (first === undefined || first.state === 'none') return null;
  return others.every((other) => isDeepStrictEqual(other, first)) ? first : null;
}

const attendanceAt = ({ newest }: Member, nowMs: number): Attendance | null =>
  isOn(newest) ? attendanceOf(newest.notice, nowMs) : null;

/** `attendance`: where it is to be said of this one alone. */
function lineOf({ newest, first }: Member, shared: boolean, attendance: Attendance | null): Line {
  const { view } = newest;
  const name = shared ? labelOf(view) : view.title;
  const began = first === null ? [] : [`${first.view.title} → `];
  const point = view.lines[0];
  const said: Inline[] = point === undefined ? [] : [': ', ...plain(point)];
  const attended = attendance === null || attendance.state === 'none' ? [] : attendanceWords(attendance);
  return ['• ', ...began, { strong: name }, ...said, ...(attended.length > 0 ? [' (', ...attended, ')'] : [])];
}

/** Only the name stands out in a list. */
function plain(line: Line): Inline[] {
  const inlines = Array.isArray(line) ? line : [line];
  return inlines.map((inline) => (typeof inline === 'object' && 'strong' in inline ? inline.strong : inline));
}
