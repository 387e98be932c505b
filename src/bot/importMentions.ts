import type { Line } from '../lib/view.ts';
import type { AlertSet } from './alertSet.ts';
import type { Call } from './command.ts';
import { mentionWords, readMention } from './mentions.ts';

/**
 * A mention of a file as it may be made in the chat: empty for nobody, undefined where it is to stay as it is (not named,
 * or not allowed here).
 */
export type Called = (mention: string | null | undefined) => string | undefined;

/**
 * Which mentions of a file may be made in this chat, and why the others may not: those of another app name nobody here,
 * and the chat has its own say.
 */
export async function checkMentions(
  { from, settings, alerts }: AlertSet,
  call: Pick<Call, 'caller' | 'place'>,
): Promise<{ called: Called; notes: Line[] }> {
  const named = [...alerts.map(({ mention }) => mention), settings?.escalation?.mention];
  const refused = new Map<string, Line>();
  for (const mention of new Set(named)) {
    if (mention === undefined || mention === null) continue;
    const why = from !== undefined && from.app !== call.place.platform ? OTHER_APP : await refusal(mention, call);
    if (why !== null) refused.set(mention, why);
  }
  const notes = [...refused].map(
    ([mention, why]): Line => [`Left out (${mentionWords(mention)}): `, ...(Array.isArray(why) ? why : [why])],
  );
  const called: Called = (mention) => (mention === null ? '' : refused.has(mention ?? '') ? undefined : mention);
  return { called, notes };
}

const OTHER_APP = 'the file is of another app, where people have other names.';

async function refusal(mention: string, call: Pick<Call, 'caller' | 'place'>): Promise<Line | null> {
  const read = await readMention(mention, call);
  return typeof read === 'string' ? null : (read.instead.lines[0] ?? 'it cannot be called here.');
}
