import { expect, test } from 'vitest';
import { messageView } from '../../src/alerts/message.ts';
import { createRules } from '../../src/alerts/registry.ts';
import { escalatedView, openView, reminderView } from '../../src/alerts/reminder.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import { factsAt, WALL_START_MS, wordsOf } from './facts.ts';
import { part, queued } from './queued.ts';
import { incident } from './told.ts';

const rules = createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 60_000 });
const facts = factsAt({ at: 0, nodes: [] });
const fired = incident();

test('an open incident in the words of its rule; of a rule that is not there any more, in plain ones', () => {
  expect(openView(rules, fired, facts).title).toBe('Heartbeat missed: node-1');
  expect(openView([], fired, facts).title).toBe('node.heartbeat missed: node-1');
});

test('a reminder says that it is still so and for how long', () => {
  const view = reminderView(openView(rules, fired, facts), fired, WALL_START_MS + 3_600_000);
  expect(view.title).toBe('Still: Heartbeat missed: node-1, for 2 h');
  expect(wordsOf(view.lines)).toContain('No heartbeat for');
});

test('an escalation says for how long nobody has taken care', () => {
  const view = escalatedView(openView(rules, fired, facts), fired, WALL_START_MS - 2_700_000);
  expect(view.title).toBe('Not acknowledged for 15 min: Heartbeat missed: node-1');
});

test('several reminders told as one keep who each is about', () => {
  const parts = ['a', 'b'].map((label) => {
    const one = part({ label, kind: 'reminder' });
    return { ...one, view: reminderView(one.view, fired, WALL_START_MS) };
  });
  const view = messageView(queued(parts), WALL_START_MS);
  expect(view.title).toBe('Still: Heartbeat late: 2 nodes');
  expect(wordsOf(view.lines[0])).toContain('a, for 1 h: No heartbeat');
});
