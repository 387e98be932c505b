import type { Action } from '../lib/view.ts';
import type { QueuedDelivery } from '../store/store.ts';
import { attendanceOf, isOn } from './attendance.ts';

/** What the rules call their first button; on an alert it leads to the details. */
const STATUS_LABEL = 'Status';

/**
 * The buttons below an alert. They carry the message's id or the rule, so that they work after a restart. Few enough for
 * a phone: while it is on, what is to be done about it and one way to know more; after that, the alert's own.
 */
export function messageActions({ id, parts }: Pick<QueuedDelivery, 'id' | 'parts'>, nowMs: number): Action[] {
  const more = wayToKnowMore(parts);
  const on = parts.filter(isOn);
  if (on.length === 0) return more;
  // One that is snoozed can still be taken over.
  const open = on.some(({ notice }) => attendanceOf(notice, nowMs).state !== 'acknowledged');
  const attend: Action[] = open
    ? [
        { label: 'Acknowledge', command: `alerts ack ${id}` },
        // The alert then carries the choices, 1 h, 4 h and until resolved, and what is chosen edits it.
        { label: 'Snooze', command: `alerts snooze ${id}` },
      ]
    : [];
  const rules = new Set(parts.map(({ incident }) => incident?.rule));
  const [rule] = rules;
  const mute: Action[] =
    rules.size === 1 && rule !== undefined ? [{ label: 'Mute this rule here', command: `alerts mute #${id}` }] : [];
  return [...attend, ...mute, ...more.slice(0, 1)];
}

function wayToKnowMore(parts: QueuedDelivery['parts']): Action[] {
  const [first] = parts;
  if (parts.length > 1) {
    const about = parts.some(({ incident }) => incident !== null);
    return about ? [{ label: 'Alert history', command: 'alerts history', mode: 'reply' }] : [];
  }
  return (first?.view.actions ?? []).map((action) =>
    action.label === STATUS_LABEL ? { ...action, label: 'Details' } : action,
  );
}
