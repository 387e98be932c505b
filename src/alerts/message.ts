import type { View } from '../lib/view.ts';
import type { DeliveryPart, QueuedDelivery } from '../store/store.ts';
import { attendanceLine, attendanceOf, isOn } from './attendance.ts';
import { messageActions } from './messageActions.ts';
import { groupView } from './messageGroup.ts';

const HELD: Record<QueuedDelivery['reason'], string[]> = {
  '': [],
  quiet: ['This was held back while it was quiet here.'],
  backlog: [],
};

/** What one claimed message says, with the buttons of an alert. Pure; all of its times are passed in. */
export function messageView(delivery: Pick<QueuedDelivery, 'id' | 'parts' | 'reason'>, nowMs: number): View {
  const [part, ...others] = delivery.parts;
  if (part === undefined) throw new Error(`message ${delivery.id} says nothing`);
  const view = others.length === 0 ? single(part, delivery.reason, nowMs) : groupView(delivery, nowMs);
  const { actions: _own, ...rest } = view;
  const actions = messageActions(delivery, nowMs);
  return actions.length === 0 ? rest : { ...rest, actions };
}

function single(part: DeliveryPart, reason: QueuedDelivery['reason'], nowMs: number): View {
  const attended = isOn(part) ? attendanceLine(attendanceOf(part.notice, nowMs)) : [];
  return { ...part.view, lines: [...part.view.lines, ...attended, ...HELD[reason]] };
}
