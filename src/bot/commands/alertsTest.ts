import { toSeconds } from '../../lib/clock.ts';
import type { View } from '../../lib/view.ts';
import { errorView } from '../answers.ts';
import type { Command, Place } from '../command.ts';

export const alertsTest: Command = {
  path: ['alerts', 'test'],
  summary: 'Send a test alert to this chat now',
  options: [],
  permission: 'manage-alerts',
  needsChat: true,
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
    if (outcome.kind === 'sent') {
      // What arrives proves that the chat can be written to, whatever was noted before.
      await context.store.subscriptions.revive(place.address);
      return { title: 'Test sent', tone: 'ok', lines: ['The message above came the way alerts come.'], ...stamp };
    }
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
