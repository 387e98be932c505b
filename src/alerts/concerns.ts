import { SEVERITIES, type StoredIncident, type StoredMute, type StoredSubscription } from '../store/store.ts';

type Asked = Pick<StoredSubscription, 'family' | 'rule' | 'scope' | 'subject' | 'floor' | 'threshold' | 'without'>;
type About = Pick<StoredIncident, 'rule' | 'family' | 'nodeId' | 'owner' | 'topics' | 'severity' | 'value'>;

/**
 * Does a subscription ask about this incident: its family or rule (and none that it does without), its subject, its floor and
 * threshold? The same as the store's matching when something fires, without the times (delay, pause). One of no node, owner and topic
 * concerns everybody of its family.
 */
export function concerns(subscription: Asked, incident: About): boolean {
  const { family, rule, floor, threshold, without } = subscription;
  if (family !== incident.family || (rule !== '' && rule !== incident.rule)) return false;
  if (without.includes(incident.rule)) return false;
  if (SEVERITIES.indexOf(floor) > SEVERITIES.indexOf(incident.severity)) return false;
  if (threshold !== null && (incident.value === null || incident.value < threshold)) return false;
  return isAbout(subscription, incident);
}

/** Is the subject of an incident, or a node, in a subscription's scope? */
export function isAbout(
  { scope, subject }: Pick<StoredSubscription, 'scope' | 'subject'>,
  { nodeId, owner, topics }: Pick<StoredIncident, 'nodeId' | 'owner' | 'topics'>,
): boolean {
  if (nodeId === null && owner === null && topics.length === 0) return true;
  switch (scope) {
    case 'all':
      return true;
    case 'node':
      return subject === String(nodeId);
    case 'owner':
      return subject === owner?.toLowerCase();
    default:
      return topics.includes(`${scope}:${subject}`);
  }
}

/** Is that rule muted in the chat now? */
export const isMuted = (mutes: readonly StoredMute[], rule: string, nowMs: number): boolean =>
  mutes.some((mute) => (mute.rule === '' || mute.rule === rule) && mute.untilMs > nowMs);
