import type { PrismaDb } from './client.ts';
import { joinTopics, splitTopics } from './matching.ts';
import { fromBig, fromBigOrNull, toBig, toBigOrNull } from './numbers.ts';
import {
  type IncidentChange,
  type IncidentRecord,
  type IncidentState,
  SEVERITIES,
  type Severity,
  type StoredIncident,
} from './store.ts';

export type IncidentRow = NonNullable<Awaited<ReturnType<PrismaDb['incident']['findFirst']>>>;

interface NoticeRow {
  toldAtMs: bigint;
  acknowledgedBy: string | null;
  acknowledgedAtMs: bigint | null;
  snoozedUntilMs: bigint | null;
}

export const toIncident = (row: IncidentRow): StoredIncident => ({
  id: row.id,
  rule: row.rule,
  subject: row.subject,
  state: row.state as IncidentState,
  severity: row.severity as Severity,
  level: row.level,
  family: row.family,
  nodeId: row.nodeId,
  owner: row.owner,
  topics: splitTopics(row.topics),
  value: row.value,
  unstable: row.unstable,
  inhibitedBy: row.inhibitedBy,
  sinceSeconds: fromBig(row.sinceSeconds),
  clearSinceSeconds: fromBigOrNull(row.clearSinceSeconds),
  firedAtMs: fromBigOrNull(row.firedAtMs),
  resolvedAtMs: fromBigOrNull(row.resolvedAtMs),
  updatedAtMs: fromBig(row.updatedAtMs),
  detail: JSON.parse(row.detail) as Record<string, unknown>,
});

export const toRecord = (row: IncidentRow, notice: NoticeRow | undefined): IncidentRecord => ({
  ...toIncident(row),
  notice:
    notice === undefined
      ? null
      : {
          toldAtMs: fromBig(notice.toldAtMs),
          acknowledgedBy: notice.acknowledgedBy,
          acknowledgedAtMs: fromBigOrNull(notice.acknowledgedAtMs),
          snoozedUntilMs: fromBigOrNull(notice.snoozedUntilMs),
        },
});

export const rankOf = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** The largest that an Int column takes in both dialects. */
const INT_MAX = 2_147_483_647;

export const toRow = ({ id: _, ...incident }: IncidentChange['incident'], nowMs: number) => ({
  ...incident,
  severityRank: rankOf(incident.severity),
  topics: joinTopics(incident.topics),
  // Thresholds are whole numbers, so what is below the next one has not reached it.
  value: incident.value === null ? null : Math.max(-INT_MAX, Math.min(INT_MAX, Math.floor(incident.value))),
  // One open incident a rule and subject: the unique key holds it even against a second process.
  openKey: incident.state === 'resolved' ? null : `${incident.rule}|${incident.subject}`,
  sinceSeconds: toBig(incident.sinceSeconds),
  clearSinceSeconds: toBigOrNull(incident.clearSinceSeconds),
  firedAtMs: toBigOrNull(incident.firedAtMs),
  resolvedAtMs: toBigOrNull(incident.resolvedAtMs),
  updatedAtMs: toBig(nowMs),
  detail: JSON.stringify(incident.detail),
});
