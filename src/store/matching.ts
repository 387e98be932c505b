import { join, type Sql, sql } from './jsonRows.ts';
import { toBig } from './numbers.ts';
import type { StoredIncident } from './store.ts';

/**
 * Who is concerned by what, as conditions that both dialects read alike. They speak of rows by these names:
 * `i` an Incident, `s` a Subscription, `d` a Destination, `n` a Notice.
 */

/** A moment as a value of its own; bare parameters would be taken for text or for a small integer. */
export const moment = (ms: number): Sql => sql`CAST(${toBig(ms)} AS BIGINT)`;

/** Stands for a bar within a topic: names come from others, and bars part topics. */
const BAR = '\u001f';

/** Topics as an incident holds them: `|model:acme/fraud|blob:ab12|`; empty for none. */
export const joinTopics = (topics: readonly string[]): string =>
  topics.length === 0 ? '' : `|${topics.map((topic) => topic.replaceAll('|', BAR)).join('|')}|`;

export const splitTopics = (joined: string): string[] =>
  joined
    .split('|')
    .filter((topic) => topic !== '')
    .map((topic) => topic.replaceAll(BAR, '|'));

/** The subscription is about the incident's rule, wants it, and is about its subject. One of no node, owner and topic concerns its whole family. */
const CONCERNS: Sql = sql`s."family" = i."family" AND (s."rule" = '' OR s."rule" = i."rule")
  AND (s."without" = '' OR replace(s."without", '|' || i."rule" || '|', '') = s."without")
  AND ((i."nodeId" IS NULL AND i."owner" IS NULL AND i."topics" = '') OR s."scope" = 'all'
    OR (s."scope" = 'node' AND s."subject" = CAST(i."nodeId" AS TEXT))
    OR (s."scope" = 'owner' AND s."subject" = lower(i."owner"))
    OR (i."topics" <> '' AND replace(i."topics",
      '|' || s."scope" || ':' || replace(s."subject", '|', ${BAR}) || '|', '') <> i."topics"))`;

/**
 * `CONCERNS` for one known incident in the words of the index on family, scope and subject: a hundred thousand
 * subscriptions to other nodes need not be looked at.
 */
export function concernsIndexed({
  family,
  nodeId,
  owner,
  topics,
}: Pick<StoredIncident, 'family' | 'nodeId' | 'owner' | 'topics'>): Sql {
  if (nodeId === null && owner === null && topics.length === 0) return sql`s."family" = ${family}`;
  // An empty subject of that scope is no one's.
  const node = nodeId === null ? '' : String(nodeId);
  const wanted = [['all', ''], ['node', node], ['owner', owner?.toLowerCase() ?? ''], ...topics.map(split)] as const;
  return sql`s."family" = ${family} AND (s."scope", s."subject") IN
    (VALUES ${join(wanted.map(([scope, subject]) => sql`(${scope}, ${subject})`))})`;
}

/** `model:acme/fraud` as scope and subject. */
function split(topic: string): [scope: string, subject: string] {
  const at = topic.indexOf(':');
  return [topic.slice(0, at), topic.slice(at + 1)];
}

/** The subscription does not rest. */
const awake = (nowMs: number): Sql => sql`(s."pausedUntilMs" IS NULL OR s."pausedUntilMs" <= ${toBig(nowMs)})`;

/** The chat that was told of the incident still asks for it, however grave it is by now, or is told in any case. */
export const stillAsks = (nowMs: number): Sql => sql`(n."always" OR EXISTS (
  SELECT 1 FROM "Subscription" s WHERE s."destinationId" = d."id" AND ${CONCERNS} AND ${awake(nowMs)}))`;

/** The subscription wants to hear of the incident now. */
export const matches = (nowMs: number): Sql => sql`${CONCERNS} AND ${awake(nowMs)}
  AND s."floorRank" <= i."severityRank" AND (s."threshold" IS NULL OR i."value" >= s."threshold")
  AND (s."delaySeconds" IS NULL
    OR i."firedAtMs" + CAST(s."delaySeconds" AS BIGINT) * 1000 <= ${toBig(nowMs)})`;

/** The chat can be told and has not muted the incident's rule. */
export const listens = (nowMs: number): Sql => sql`d."state" = 'active' AND ${unmuted(nowMs)}`;

/** The chat listens, and was not told of a larger incident that speaks for this one. */
export const hears = (nowMs: number): Sql => sql`${listens(nowMs)} AND ${SPEAKS}`;

/** Of what a chat was not told, nothing is held back in its name: who follows one node may not follow its owner. */
const SPEAKS: Sql = sql`(i."inhibitedBy" IS NULL OR NOT EXISTS (
  SELECT 1 FROM "Incident" p JOIN "Notice" q ON q."incidentId" = p."id"
  WHERE p."openKey" = i."inhibitedBy" AND q."destinationId" = d."id"))`;

const unmuted = (nowMs: number): Sql => sql`NOT EXISTS (SELECT 1 FROM "Mute" m
  WHERE m."destinationId" = d."id" AND m."rule" IN ('', i."rule") AND m."untilMs" > ${toBig(nowMs)})`;

/** It is night there, and the incident is not grave enough to be heard then. Null where there are no quiet hours. */
export const quiet = (nowMs: number): Sql => sql`(d."quietFromMs" <= ${toBig(nowMs)} AND d."quietToMs" > ${toBig(nowMs)}
  AND NOT (i."severityRank" = 2 AND d."quietCritical"))`;
