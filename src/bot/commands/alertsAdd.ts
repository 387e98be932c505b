import { nodeLabel } from '../../insight/nodeLabel.ts';
import { toSeconds } from '../../lib/clock.ts';
import { plural, shortHex } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { StoredIncident, SubscriptionScope } from '../../store/store.ts';
import { MAX_SUBSCRIPTIONS, SubscriptionLimit } from '../../store/subscriptionLimit.ts';
import { echo, errorView } from '../answers.ts';
import type { Call, Command } from '../command.ts';
import type { BotContext } from '../context.ts';
import { findNode, suggestNodes } from '../findNode.ts';
import { type NetworkFacts, notReadYet, readNetwork } from '../networkFacts.ts';

interface Target {
  scope: SubscriptionScope;
  subject: string;
  words: string;
}

export const alertsAdd: Command = {
  path: ['alerts', 'add'],
  summary: 'Tell this chat when a node falls silent, changes, or is back',
  options: [
    { name: 'kind', summary: 'What about', type: 'text', required: true, choices: ['node'] },
    {
      name: 'target',
      summary: 'all, a node, or owner:0x…',
      type: 'text',
      required: true,
      async suggest(context, typed) {
        const nodes = await suggestNodes(context, typed);
        return 'all'.startsWith(typed.toLowerCase()) ? [{ label: 'all nodes', value: 'all' }, ...nodes] : nodes;
      },
    },
  ],
  permission: 'manage-alerts',
  needsChat: true,
  examples: ['alerts add node all', 'alerts add node 0x12ab34cd56ef', 'alerts add node owner:0x…'],
  async run(context, { args, place, caller }): Promise<View> {
    const network = await readNetwork(context);
    const target = targetOf(String(args.target), network);
    if (target === null) return await notReadYet(context);
    if ('instead' in target) return target.instead;
    const missing = await place.missingPermissions();
    if (missing.length > 0) return cannotPost(missing);
    const created = await subscribe(context, { place, caller }, target);
    if (created === null) return full();
    return {
      title: created ? 'Alerts are on' : 'Already on',
      tone: 'ok',
      lines: [
        [
          created ? 'This chat will hear of ' : 'This chat hears already of ',
          { strong: target.words },
          ': late, missed and expired heartbeats, a foreign certificate, disabling, a revoked measurement, and the return.',
        ],
        ...(await openNow(context, target)),
      ],
      actions: [
        { label: 'Send a test', command: 'alerts test', mode: 'reply' },
        { label: 'List', command: 'alerts list', mode: 'reply' },
      ],
      ...(network?.stamp ?? { asOf: toSeconds(context.clock.now()), sources: ['this bot'] }),
    };
  },
};

/** Whether it is new; null when the chat can have no more. */
async function subscribe(
  { store, clock }: BotContext,
  { place, caller }: Pick<Call, 'place' | 'caller'>,
  { scope, subject }: Target,
): Promise<boolean | null> {
  try {
    const { created } = await store.subscriptions.add({
      address: place.address,
      title: place.title,
      family: 'node',
      scope,
      subject,
      createdBy: `${caller.platform}:${caller.userId}`,
      nowMs: clock.now(),
    });
    return created;
  } catch (error) {
    if (error instanceof SubscriptionLimit) return null;
    throw error;
  }
}

function full(): View {
  return errorView(
    'Too many alerts',
    [`This chat has ${MAX_SUBSCRIPTIONS} alerts, as many as one can have. Remove one first; "all" needs only one.`],
    [{ label: 'List', command: 'alerts list' }],
  );
}

/** null: a node cannot be found before the registry was read; everything else can be asked for. */
function targetOf(typed: string, network: NetworkFacts | null): Target | { instead: View } | null {
  const text = typed.trim();
  if (/^all$/i.test(text)) return { scope: 'all', subject: '', words: 'all nodes' };
  const owner = /^owner:(.*)$/i.exec(text)?.[1]?.trim().toLowerCase();
  if (owner !== undefined) {
    if (!/^0x[0-9a-f]{40}$/.test(owner)) {
      return {
        instead: errorView('Not an address', [
          `After owner: comes an address of 0x and 40 hex digits, not ${echo(owner)}.`,
        ]),
      };
    }
    const count = network?.nodes.filter(({ health }) => health.current?.owner === owner).length;
    const now = count === undefined ? 'those of now' : `${plural(count, 'node')} now`;
    return { scope: 'owner', subject: owner, words: `the nodes of ${shortHex(owner)} (${now}, and later ones)` };
  }
  if (network === null) return null;
  const found = findNode(network, text, (id) => `alerts add node ${id}`);
  if ('instead' in found) return found;
  return { scope: 'node', subject: String(found.node.id), words: nodeLabel(found.node) };
}

function cannotPost(missing: readonly string[]): View {
  return errorView('I cannot post here', [
    `Missing here: ${missing.join(', ')}. Nothing was changed; grant it and try again.`,
  ]);
}

const concerns = ({ scope, subject }: Target, { nodeId, owner, family }: StoredIncident): boolean =>
  family === 'node' &&
  nodeId !== null &&
  (scope === 'all' || (scope === 'node' && subject === String(nodeId)) || (scope === 'owner' && subject === owner));

async function openNow({ store }: BotContext, target: Target): Promise<Line[]> {
  const firing = (await store.incidents.open()).filter(
    (incident) => incident.state === 'firing' && concerns(target, incident),
  );
  if (firing.length === 0) return ['Nothing of it is wrong right now.'];
  return [
    `Open right now (you will hear when it ends): ${plural(firing.length, 'incident')}.`,
    ...firing
      .slice(0, 5)
      .map(
        (incident): Line => [
          `• ${incident.rule} ${incident.level}: ${String(incident.detail.label ?? '')}, since `,
          { time: toSeconds(incident.firedAtMs ?? 0) },
        ],
      ),
  ];
}
