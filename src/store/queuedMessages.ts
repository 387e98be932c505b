import type { View } from '../lib/view.ts';
import type { Db } from './client.ts';
import { toDestination } from './destinations.ts';
import { join, sql } from './jsonRows.ts';
import { fromBig, fromBigOrNull } from './numbers.ts';
import type { DeliveryPart, IncidentState, QueuedDelivery, Severity } from './store.ts';

interface PartRow {
  /** Of the message that it is told in. */
  groupId: number | bigint;
  /** JSON. */
  view: string;
  kind: DeliveryPart['kind'] | null;
  incidentId: number | bigint | null;
  state: IncidentState;
  rule: string;
  severity: Severity;
  toldAtMs: bigint | null;
  acknowledgedBy: string | null;
  acknowledgedAtMs: bigint | null;
  snoozedUntilMs: bigint | null;
}

interface Row extends PartRow {
  destinationId: number | bigint;
  mode: QueuedDelivery['mode'];
  groupKey: string;
  mention: string;
  attempts: number | bigint;
  createdAtMs: bigint;
  /** The message that told this chat of the incident. */
  messageId: string | null;
  /** Group and state of that message's delivery. */
  rootGroupId: number | bigint | null;
  rootState: string | null;
}

const PART_COLUMNS = sql`i."id" AS "incidentId", i."state" AS "state", i."rule" AS "rule", i."severity" AS "severity",
  n."toldAtMs" AS "toldAtMs", n."acknowledgedBy" AS "acknowledgedBy", n."acknowledgedAtMs" AS "acknowledgedAtMs",
  n."snoozedUntilMs" AS "snoozedUntilMs"`;

/**
 * The messages that were claimed, with all that a sender needs, in the order of `groupIds`. An edit of a message that this
 * chat never got has nothing to change: it is given up and not among the answers.
 */
export async function readMessages(db: Db, groupIds: readonly number[]): Promise<QueuedDelivery[]> {
  if (groupIds.length === 0) return [];
  const rows = await db.$queryRaw<Row[]>(sql`SELECT d."groupId" AS "groupId", d."destinationId" AS "destinationId",
      d."mode" AS "mode", d."groupKey" AS "groupKey", d."mention" AS "mention", d."attempts" AS "attempts",
      d."createdAtMs" AS "createdAtMs", COALESCE(d."view", e."view") AS "view", e."kind" AS "kind", ${PART_COLUMNS},
      COALESCE(root."messageId", d."editMessageId", d."replyToMessageId") AS "messageId",
      root."groupId" AS "rootGroupId", root."state" AS "rootState"
    FROM "Delivery" d LEFT JOIN "IncidentEvent" e ON e."id" = d."eventId" LEFT JOIN "Incident" i ON i."id" = e."incidentId"
    LEFT JOIN "Notice" n ON n."incidentId" = i."id" AND n."destinationId" = d."destinationId"
    LEFT JOIN "Delivery" root ON d."mode" <> 'send' AND root."id" = (SELECT MIN(f."id")
      FROM "IncidentEvent" fe JOIN "Delivery" f ON f."eventId" = fe."id" AND f."mode" = 'send'
      WHERE fe."incidentId" = i."id" AND f."destinationId" = d."destinationId")
    WHERE d."groupId" IN (${join([...groupIds])}) AND d."state" = 'sending' ORDER BY d."id"`);
  const groups = Map.groupBy(rows, ({ groupId }) => Number(groupId));
  const destinationIds = [...new Set(rows.map(({ destinationId }) => Number(destinationId)))];
  const destinations = await db.destination.findMany({ where: { id: { in: destinationIds } } });
  const wholes = await wholeMessages(
    db,
    rows.flatMap(({ mode, rootGroupId }) => (mode === 'edit' && rootGroupId !== null ? Number(rootGroupId) : [])),
  );
  const messages: QueuedDelivery[] = [];
  const pointless: number[] = [];
  for (const id of groupIds) {
    const [first, ...rest] = groups.get(id) ?? [];
    const destination = destinations.find((each) => each.id === Number(first?.destinationId));
    if (first === undefined || destination === undefined) continue;
    const mode = modeOf(first);
    if (mode === null) {
      pointless.push(id);
      continue;
    }
    const members = [first, ...rest];
    const messageId = members.every((each) => each.messageId === first.messageId) ? first.messageId : null;
    messages.push({
      id,
      mode,
      attempts: Number(first.attempts),
      createdAtMs: Math.min(...members.map(({ createdAtMs }) => fromBig(createdAtMs))),
      destination: toDestination(destination),
      parts: mode === 'edit' ? (wholes.get(Number(first.rootGroupId)) ?? members.map(toPart)) : members.map(toPart),
      mention: members.find(({ mention }) => mention !== '')?.mention ?? '',
      editMessageId: mode === 'edit' ? messageId : null,
      replyToMessageId: mode === 'reply' ? messageId : null,
      reason: first.groupKey === 'quiet' || first.groupKey === 'backlog' ? first.groupKey : '',
    });
  }
  if (pointless.length > 0)
    await db.delivery.updateMany({ where: { groupId: { in: pointless } }, data: { state: 'superseded' } });
  return messages;
}

/** null: there is nothing to edit. An end whose message got another id, because the chat moved, is told anew. */
function modeOf({ mode, messageId, kind, rootState }: Row): QueuedDelivery['mode'] | null {
  if (mode !== 'edit' || messageId !== null) return mode;
  return kind === 'resolved' && rootState === 'sent' ? 'send' : null;
}

/** What the messages of these groups are about, each incident with its newest words, by group. */
async function wholeMessages(db: Db, groupIds: readonly number[]): Promise<Map<number, DeliveryPart[]>> {
  if (groupIds.length === 0) return new Map();
  const rows = await db.$queryRaw<
    PartRow[]
  >(sql`SELECT d."groupId" AS "groupId", v."view" AS "view", v."kind" AS "kind",
      ${PART_COLUMNS}
    FROM "Delivery" d JOIN "IncidentEvent" e ON e."id" = d."eventId" JOIN "Incident" i ON i."id" = e."incidentId"
    JOIN "IncidentEvent" v ON v."id" = (SELECT MAX(newest."id") FROM "IncidentEvent" newest
      WHERE newest."incidentId" = i."id" AND newest."kind" IN ('fired', 'changed', 'resolved'))
    LEFT JOIN "Notice" n ON n."incidentId" = i."id" AND n."destinationId" = d."destinationId"
    WHERE d."groupId" IN (${join([...groupIds])}) ORDER BY d."id"`);
  return new Map(
    [...Map.groupBy(rows, ({ groupId }) => Number(groupId))].map(([groupId, members]) => {
      const byIncident = new Map(members.map((member) => [Number(member.incidentId), toPart(member)]));
      return [groupId, [...byIncident.values()]];
    }),
  );
}

const toPart = (row: PartRow): DeliveryPart => ({
  view: JSON.parse(row.view) as View,
  incident:
    row.incidentId === null
      ? null
      : { id: Number(row.incidentId), state: row.state, rule: row.rule, severity: row.severity },
  kind: row.kind ?? 'digest',
  notice:
    row.toldAtMs === null
      ? null
      : {
          acknowledgedBy: row.acknowledgedBy,
          acknowledgedAtMs: fromBigOrNull(row.acknowledgedAtMs),
          snoozedUntilMs: fromBigOrNull(row.snoozedUntilMs),
        },
});
