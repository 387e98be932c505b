import type { Address } from '../../src/lib/delivery.ts';
import type {
  ChatSettings,
  IncidentChange,
  Overrides,
  Store,
  StoredIncident,
  SubscriptionScope,
} from '../../src/store/store.ts';
import type { DatabaseRig } from '../rigs/store.ts';
import { ALERT, incident, view } from './sample.ts';

export const chat = (chatId: string): Address => ({ platform: 'telegram', chatId, threadId: null });

export interface QueuedRow {
  chatId: string;
  kind: string;
  mode: string;
  state: string;
  priority: number;
  groupKey: string;
  mention: string;
  dueMs: number;
}

const ROWS = `SELECT x."chatId", e."kind", d."mode", d."state", d."priority", d."groupKey", d."mention",
    d."nextAttemptAtMs" AS "dueMs"
  FROM "Delivery" d JOIN "IncidentEvent" e ON e."id" = d."eventId" JOIN "Destination" x ON x."id" = d."destinationId"
  ORDER BY d."id"`;

/** What the tests of the fan-out do with one store; chats are named by their ids. */
export function fanOutRig(rig: DatabaseRig, store: Store, url: string) {
  const subscribe = async (
    chatId: string,
    overrides: Partial<Overrides> = {},
    scope: Partial<{ family: string; rule: string; scope: SubscriptionScope; subject: string }> = {},
    nowMs = 1,
  ) => {
    const about = { address: chat(chatId), title: chatId, kind: 'group', createdBy: 'telegram:1', nowMs } as const;
    const what = { family: 'node', scope: 'all', subject: '', ...scope } as const;
    return (await store.subscriptions.add({ ...about, ...what, overrides })).subscription;
  };

  const rows = async (): Promise<QueuedRow[]> =>
    (await rig.query<QueuedRow>(url, ROWS)).map((row) => ({ ...row, dueMs: Number(row.dueMs) }));

  const open = async (subject = 'node:1') =>
    (await store.incidents.open()).find((each) => each.subject === subject) as StoredIncident;

  return {
    subscribe,
    rows,
    open,
    configure: (chatId: string, settings: Partial<ChatSettings>, quietUntil?: { fromMs: number; toMs: number }) =>
      store.subscriptions.configure({
        ...{ address: chat(chatId), title: chatId, kind: 'group', settings, nowMs: 1 },
        ...(quietUntil ? { quietUntil } : {}),
      }),
    mute: (chatId: string, rule: string, untilMs: number) =>
      store.subscriptions.mute({
        ...{ address: chat(chatId), title: chatId, kind: 'group', mute: { rule, untilMs, by: 'Ada' }, nowMs: 1 },
      }),
    /** `chat kind mode state` of every delivery. */
    queued: async () => (await rows()).map(({ chatId, kind, mode, state }) => `${chatId} ${kind} ${mode} ${state}`),
    async fire(more: Partial<IncidentChange['incident']> = {}, atMs = 1_000): Promise<StoredIncident> {
      await store.incidents.apply([{ incident: incident({ firedAtMs: atMs, ...more }), event: ALERT }], atMs);
      return await open(more.subject);
    },
    change: (of: StoredIncident, more: Partial<StoredIncident>, atMs: number) =>
      store.incidents.apply([{ incident: { ...of, ...more }, event: { kind: 'changed', view: view('worse') } }], atMs),
    resolve: (of: StoredIncident, atMs: number) =>
      store.incidents.apply(
        [
          {
            incident: { ...of, state: 'resolved', resolvedAtMs: atMs },
            event: { kind: 'resolved', view: view('back') },
          },
        ],
        atMs,
      ),
    /** As if everything that waits had been sent. */
    sent: () =>
      rig.query(
        url,
        `UPDATE "Delivery" SET "state" = 'sent', "messageId" = 'm' || "id", "groupId" = "id" WHERE "state" = 'pending'`,
      ),
  };
}
