import { isDeepStrictEqual } from 'node:util';
import { nodeKey } from '../lib/nodeKey.ts';
import { plural } from '../lib/units.ts';
import type {
  ChatSettings,
  NodeFacts,
  StoredMute,
  StoredSubscription,
  SubscriptionAbout,
  SubscriptionScope,
} from '../store/store.ts';
import { MAX_SUBSCRIPTIONS } from '../store/subscriptionLimit.ts';
import { type AlertSet, EVERY_RULE, type SetAlert } from './alertSet.ts';
import type { Called } from './importMentions.ts';
import { changedSettings } from './importSettings.ts';
import { withoutSteps } from './steps.ts';

type Changes = SubscriptionAbout['changes'];

/** What a chat hears before. */
export interface Before {
  subscriptions: readonly StoredSubscription[];
  mutes: readonly StoredMute[];
  settings: ChatSettings;
}

/** What reading a file into a chat changes there. It adds and changes; it removes nothing. */
export interface ImportPlan {
  additions: SubscriptionAbout[];
  edits: { id: number; changes: Changes }[];
  mutes: StoredMute[];
  settings: Partial<ChatSettings>;
  /** Alerts, and mutes that last, which are there already just so. */
  left: { alerts: number; mutes: number };
}

/** Where the file is read. */
export interface Here {
  facts: NodeFacts | null;
  /** Names of networks whose governance can be asked for. */
  networks: ReadonlySet<string>;
  called: Called;
  by: string;
  nowMs: number;
}

/** The plan, or what of the file does not fit here: each problem begins with its place. */
export function planImport(set: AlertSet, before: Before, here: Here): ImportPlan | { problems: string[] } {
  const { called, by, nowMs } = here;
  const problems: string[] = [];
  const plan: ImportPlan = {
    ...{ additions: [], edits: [], left: { alerts: 0, mutes: 0 } },
    mutes: [],
    settings: changedSettings(set.settings, before.settings, called),
  };
  const places = new Map<string, number>();
  for (const [index, alert] of set.alerts.entries()) {
    const target = targetOf(alert, here);
    if (typeof target === 'string') {
      problems.push(`alerts[${index}].about ${target}`);
      continue;
    }
    const about = { family: alert.family, rule: storedRule(alert.rule), ...target };
    const key = JSON.stringify(about);
    const earlier = places.get(key);
    if (earlier !== undefined) problems.push(`alerts[${index}] is about the same as alerts[${earlier}]`);
    places.set(key, index);
    const changes = changesOf(alert, called(alert.mention), nowMs);
    const existing = before.subscriptions.find((one) => isSame(one, about));
    if (existing === undefined) plan.additions.push({ ...about, changes });
    else if (isUnchanged(existing, changes, nowMs)) plan.left.alerts += 1;
    else plan.edits.push({ id: existing.id, changes });
  }
  const count = before.subscriptions.length + plan.additions.length;
  if (count > MAX_SUBSCRIPTIONS) {
    problems.push(`alerts would make ${plural(count, 'alert')} of this chat; it can have ${MAX_SUBSCRIPTIONS} at most`);
  }
  addMutes(plan, set.mutes, before.mutes, { by, nowMs });
  return problems.length > 0 ? { problems } : plan;
}

const storedRule = (rule: string): string => (rule === EVERY_RULE ? '' : rule);

/** What it is about as the store has it, or why that cannot be found here. */
function targetOf(
  { about }: SetAlert,
  { facts, networks }: Pick<Here, 'facts' | 'networks'>,
): { scope: SubscriptionScope; subject: string } | string {
  if (about === 'all') return { scope: 'all', subject: '' };
  if ('owner' in about) return { scope: 'owner', subject: about.owner };
  if ('model' in about) return { scope: 'model', subject: about.model };
  if ('blob' in about) return { scope: 'blob', subject: about.blob };
  if ('voter' in about) return { scope: 'voter', subject: about.voter };
  if ('network' in about) {
    return networks.has(about.network)
      ? { scope: 'network', subject: about.network }
      : 'names a network that is not read here';
  }
  if (facts === null) return 'names a node, and this bot has not read the registry yet';
  const written = about.node.startsWith('tee:') ? about.node.toLowerCase() : nodeKey(about.node, '');
  const node = facts.nodes.find(({ key }) => key === about.node || key === written);
  return node === undefined ? 'names a node that is not known here' : { scope: 'node', subject: String(node.id) };
}

const isSame = (one: StoredSubscription, about: Omit<SubscriptionAbout, 'changes'>): boolean =>
  one.family === about.family && one.rule === about.rule && one.scope === about.scope && one.subject === about.subject;

/** What is not named stays as it is. A pause that has passed is none. */
function changesOf(alert: SetAlert, mention: string | undefined, nowMs: number): Changes {
  const { family, rule, severity, threshold, afterSeconds, pausedUntil, steps } = alert;
  return {
    ...(severity === undefined ? {} : { floor: severity }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(afterSeconds === undefined ? {} : { delaySeconds: afterSeconds }),
    ...(mention === undefined ? {} : { mention }),
    ...(steps === undefined ? {} : { without: withoutSteps({ family, rule }, steps) }),
    ...(pausedUntil === undefined ? {} : { pausedUntilMs: lasting(pausedUntil, nowMs) }),
  };
}

const lasting = (untilMs: number | null, nowMs: number): number | null =>
  untilMs !== null && untilMs > nowMs ? untilMs : null;

function isUnchanged(existing: StoredSubscription, changes: Changes, nowMs: number): boolean {
  const now = { ...existing, pausedUntilMs: lasting(existing.pausedUntilMs, nowMs) };
  return isDeepStrictEqual({ ...now, ...changes }, now);
}

function addMutes(
  plan: ImportPlan,
  mutes: AlertSet['mutes'],
  before: readonly StoredMute[],
  { by, nowMs }: { by: string; nowMs: number },
): void {
  // The last word on a rule counts.
  const untilByRule = new Map(mutes.map(({ rule, until }) => [storedRule(rule), until]));
  for (const [rule, untilMs] of untilByRule) {
    if (untilMs <= nowMs) continue;
    if (before.some((mute) => mute.rule === rule && mute.untilMs === untilMs)) plan.left.mutes += 1;
    else plan.mutes.push({ rule, untilMs, by });
  }
}
