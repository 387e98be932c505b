import { nodeLabel } from '../../insight/nodeLabel.ts';
import { toSeconds } from '../../lib/clock.ts';
import { plural, shortHex } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { StoredIncident, StoredSubscription, SubscriptionScope } from '../../store/store.ts';
import { echo, errorView } from '../answers.ts';
import type { Command, Place } from '../command.ts';
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
  examples: ['alerts add node all', 'alerts add node 0x12ab34cd56ef', 'alerts add node owner:0x…'],
  async run(context, { args, place, caller }): Promise<View> {
    if (place.kind === 'terminal') {
      return errorView('No chat to tell', [
        'Alerts go to Discord and Telegram chats; in a terminal nobody would hear them.',
      ]);
    }
    const network = await readNetwork(context);
    if (network === null) return await notReadYet(context);
    const target = targetOf(String(args.target), network);
    if ('instead' in target) return target.instead;
    const missing = await place.missingPermissions();
    if (missing.length > 0) return cannotPost(missing);
    const { created } = await context.store.subscriptions.add({
      address: place.address,
      title: place.title,
      family: 'node',
      scope: target.scope,
      subject: target.subject,
      createdBy: `${caller.platform}:${caller.userId}`,
      nowMs: context.clock.now(),
    });
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
      ...network.stamp,
    };
  },
};

function targetOf(typed: string, network: NetworkFacts): Target | { instead: View } {
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
    const count = network.nodes.filter(({ health }) => health.current?.owner === owner).length;
    return {
      scope: 'owner',
      subject: owner,
      words: `the nodes of ${shortHex(owner)} (${plural(count, 'node')} now, and later ones)`,
    };
  }
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

export const alertsList: Command = {
  path: ['alerts', 'list'],
  summary: 'What this chat hears',
  options: [],
  permission: 'everyone',
  private: true,
  examples: ['alerts list'],
  async run(context, { place }): Promise<View> {
    const { destination, subscriptions } = await context.store.subscriptions.list(place.address);
    const asOf = toSeconds(context.clock.now());
    const network = await readNetwork(context);
    const dead: Line[] =
      destination?.state === 'dead'
        ? [
            [
              { strong: 'Nothing can be sent here' },
              `: ${destination.deadReason ?? 'the chat is unreachable'}. Adding an alert again revives it.`,
            ],
          ]
        : [];
    return {
      title: 'Alerts of this chat',
      tone: dead.length > 0 ? 'degraded' : 'info',
      lines: [
        ...dead,
        subscriptions.length === 0
          ? 'This chat hears of nothing yet.'
          : [{ strong: plural(subscriptions.length, 'subscription') }],
        ...subscriptions.map(
          (subscription): Line => [
            { code: `#${subscription.id}` },
            ` ${describe(subscription, network)}, since `,
            { time: toSeconds(subscription.createdAtMs) },
          ],
        ),
      ],
      actions:
        subscriptions.length === 0
          ? [{ label: 'All nodes', command: 'alerts add node all' }]
          : [
              ...subscriptions.slice(0, 8).map(({ id }) => ({
                label: `Remove #${id}`,
                command: `alerts remove ${id}`,
                style: 'danger' as const,
              })),
              { label: 'Send a test', command: 'alerts test', mode: 'reply' as const },
            ],
      asOf,
      sources: ['this bot’s subscriptions'],
    };
  },
};

function describe({ scope, subject }: StoredSubscription, network: NetworkFacts | null): string {
  if (scope === 'all') return 'all nodes';
  if (scope === 'owner') return `nodes of ${shortHex(subject)}`;
  const node = network?.nodes.find(({ id }) => String(id) === subject);
  return node ? `node ${nodeLabel(node)}` : 'a node that is no longer registered';
}

export const alertsRemove: Command = {
  path: ['alerts', 'remove'],
  summary: 'Stop one of this chat’s alerts, by its number in the list',
  options: [
    {
      name: 'number',
      summary: 'Number from /alerts list',
      type: 'text',
      required: true,
      maxLength: 20,
    },
  ],
  permission: 'manage-alerts',
  examples: ['alerts remove 3'],
  async run(context, { args, place }): Promise<View> {
    const number = /^#?(\d{1,9})$/.exec(String(args.number).trim())?.[1];
    const removed = number !== undefined && (await context.store.subscriptions.remove(place.address, Number(number)));
    const list = { label: 'List', command: 'alerts list' };
    if (!removed) return errorView('Nothing to remove', [`This chat has no alert ${echo(args.number)}.`], [list]);
    return {
      title: 'Removed',
      tone: 'ok',
      lines: [`Alert #${number} is gone.`],
      actions: [list],
      asOf: toSeconds(context.clock.now()),
      sources: ['this bot’s subscriptions'],
    };
  },
};

export const alertsTest: Command = {
  path: ['alerts', 'test'],
  summary: 'Send a test alert to this chat now',
  options: [],
  permission: 'manage-alerts',
  private: true,
  examples: ['alerts test'],
  async run(context, { place }): Promise<View> {
    const nowMs = context.clock.now();
    const outcome = await context.sendNow({
      address: place.address,
      view: testView(place, nowMs),
      idempotencyKey: `test-${nowMs % 1e12}`,
    });
    const stamp = { asOf: toSeconds(nowMs), sources: ['this bot'] };
    if (outcome.kind === 'sent')
      return { title: 'Test sent', tone: 'ok', lines: ['The message above came the way alerts come.'], ...stamp };
    const why =
      outcome.kind === 'gone'
        ? outcome.reason
        : outcome.kind === 'migrated'
          ? 'the group has moved; try again there'
          : outcome.kind === 'retryAfter'
            ? 'the platform asks to wait; try again in a minute'
            : 'the platform did not take it; try again in a minute';
    return errorView('The test did not arrive', [`${why.charAt(0).toUpperCase()}${why.slice(1)}.`]);
  },
};

const testView = (place: Place, nowMs: number): View => ({
  title: 'Test alert',
  tone: 'info',
  lines: [`This is how an alert looks in ${place.kind === 'private' ? 'this chat' : place.title}. Nothing is wrong.`],
  asOf: toSeconds(nowMs),
  sources: ['this bot'],
});
