import { nodeLabel } from '../../insight/nodeLabel.ts';
import { toSeconds } from '../../lib/clock.ts';
import { plural, shortHex } from '../../lib/units.ts';
import type { Line, View } from '../../lib/view.ts';
import type { StoredSubscription } from '../../store/store.ts';
import type { Command } from '../command.ts';
import { type NetworkFacts, readNetwork } from '../networkFacts.ts';

export const alertsList: Command = {
  path: ['alerts', 'list'],
  summary: 'What this chat hears',
  options: [],
  permission: 'everyone',
  needsChat: true,
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
