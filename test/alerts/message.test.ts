import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageView } from '../../src/alerts/message.ts';
import { outgoingMessage } from '../../src/alerts/outgoingMessage.ts';
import { createRules } from '../../src/alerts/registry.ts';
import { encodeButton } from '../../src/bot/button.ts';
import { defaultThresholds } from '../../src/insight/nodeHealth.ts';
import { FOREVER_MS, type IncidentEventKind, type QueuedDelivery, type Severity } from '../../src/store/store.ts';
import { NOW, part, queued, textOf } from './queued.ts';

const view = (parts: QueuedDelivery['parts'], more: Partial<QueuedDelivery> = {}) =>
  messageView(queued(parts, more), NOW);
const labels = (parts: QueuedDelivery['parts'], more: Partial<QueuedDelivery> = {}) =>
  view(parts, more).actions?.map(({ label }) => label);
const lines = (parts: QueuedDelivery['parts'], more: Partial<QueuedDelivery> = {}) =>
  view(parts, more).lines.map(textOf);

describe('one alert', () => {
  test.each<IncidentEventKind>(['fired', 'changed', 'reminder', 'escalated'])(
    'that is on (%s) says its own words and can be acted on with a tap',
    (kind) => {
      const told = view([part({ kind, label: 'node-a' })]);
      expect(told.title).toBe('Heartbeat late: node-a');
      expect(told.actions).toEqual([
        { label: 'Acknowledge', command: 'alerts ack 41' },
        { label: 'Snooze', command: 'alerts snooze 41' },
        { label: 'Mute this rule here', command: 'alerts mute #41' },
        { label: 'Details', command: 'node status 0x12ab34cd56ef', mode: 'reply' },
      ]);
    },
  );

  test('that is over has nothing to acknowledge, whichever message tells it', () => {
    expect(labels([part({ kind: 'resolved' })])).toEqual(['Details', 'History']);
    expect(labels([part({ kind: 'fired', state: 'resolved' })])).toEqual(['Details', 'History']);
  });

  test('that somebody has acknowledged says who and when, and asks nobody else', () => {
    const attended = [part({ notice: { acknowledgedBy: 'Ada', acknowledgedAtMs: NOW - 60_000 } })];
    expect(lines(attended).at(-1)).toBe('Acknowledged by Ada at 2026-11-21T11:59.');
    expect(labels(attended)).toEqual(['Mute this rule here', 'Details']);
  });

  test('that is snoozed says until when; for ever is until it is resolved', () => {
    const until = (snoozedUntilMs: number) =>
      lines([part({ notice: { acknowledgedBy: 'Ada', snoozedUntilMs } })]).at(-1);
    expect(until(NOW + 3_600_000)).toBe('Snoozed by Ada until 2026-11-21T13:00.');
    expect(until(FOREVER_MS)).toBe('Snoozed by Ada until it is resolved.');
  });

  test('that is snoozed can still be taken over, or snoozed otherwise', () => {
    const snoozed = [part({ notice: { acknowledgedBy: 'Ada', snoozedUntilMs: NOW + 3_600_000 } })];
    expect(labels(snoozed)?.slice(0, 2)).toEqual(['Acknowledge', 'Snooze']);
  });

  test('whose snooze has passed can be acknowledged again', () => {
    const woken = [part({ notice: { acknowledgedBy: 'Ada', snoozedUntilMs: NOW } })];
    expect(lines(woken).join()).not.toContain('Ada');
    expect(labels(woken)).toContain('Acknowledge');
  });

  test('that was held back says so', () => {
    expect(lines([part()], { reason: 'quiet' }).at(-1)).toBe('This was held back while it was quiet here.');
  });

  test('a digest is sent as it is', () => {
    const digest = { ...part(), incident: null, kind: 'digest' as const, notice: null };
    expect(view([digest])).toEqual({
      ...digest.view,
      actions: [
        { label: 'Details', command: 'node status 0x12ab34cd56ef', mode: 'reply' },
        { label: 'History', command: 'node history 0x12ab34cd56ef', mode: 'reply' },
      ],
    });
  });

  test('a message that says nothing is a fault', () => {
    expect(() => view([])).toThrow('says nothing');
  });
});

describe('several alerts', () => {
  test('of one kind: what and how many, then a line each', () => {
    const parts = [part({ label: 'node-a' }), part({ label: 'node-b', tone: 'down' })];
    const told = view(parts);
    expect(told).toMatchObject({ title: 'Heartbeat late: 2 nodes', tone: 'down', sources: ['TEERegistry'] });
    expect(lines(parts)).toEqual([
      '• node-a: No heartbeat for 17 min; one is expected every 15 min.',
      '• node-b: No heartbeat for 17 min; one is expected every 15 min.',
    ]);
    expect(told.actions?.map(({ command }) => command)).toEqual([
      'alerts ack 41',
      'alerts snooze 41',
      'alerts mute #41',
      'alerts history',
    ]);
  });

  test('at most ten lines, and how many more', () => {
    expect(lines(Array.from({ length: 10 }, () => part()))).toHaveLength(10);
    const many = Array.from({ length: 14 }, () => part());
    expect(lines(many)).toHaveLength(11);
    expect(lines(many).at(-1)).toBe('+4 more');
    expect(view(many).title).toBe('Heartbeat late: 14 nodes');
  });

  test('of which some are over by now: both are counted, and only the others wait for somebody', () => {
    const parts = [
      part({ label: 'node-a', notice: { acknowledgedBy: 'Ada', acknowledgedAtMs: NOW } }),
      part({ label: 'node-b', kind: 'resolved', headline: 'Node is back', tone: 'ok', lines: ['It beats again.'] }),
    ];
    expect(view(parts).title).toBe('Heartbeat late: 1 node, Node is back: 1 node');
    expect(lines(parts).slice(1)).toEqual([
      '• Node is back: node-b: It beats again.',
      'Acknowledged by Ada at 2026-11-21T12:00.',
    ]);
    expect(labels(parts)).toEqual(['Mute this rule here', 'Alert history']);
  });

  test('read at different blocks name each source once, with the oldest of its blocks', () => {
    const read = (block: number, asOf: number) => {
      const one = part({ asOf });
      return { ...one, view: { ...one.view, sources: [`TEERegistry 0x1, block ${block}`, 'its gateway'] } };
    };
    const told = view([read(12, NOW / 1000), read(9, NOW / 1000 - 6), read(10, NOW / 1000 - 4)]);
    expect(told).toMatchObject({ asOf: NOW / 1000 - 6, sources: ['TEERegistry 0x1, block 9', 'its gateway'] });
  });

  test('of which some got worse name the worst first', () => {
    const better = part({ kind: 'resolved', headline: 'Node is back', tone: 'ok' });
    expect(view([better, part({ tone: 'down' })]).title).toBe('Heartbeat late: 1 node, Node is back: 1 node');
  });

  test('attended by one tap say once by whom and until when, also where not all of them are listed', () => {
    const notice = { acknowledgedBy: 'Ada', acknowledgedAtMs: NOW, snoozedUntilMs: NOW + 3_600_000 };
    const said = lines(Array.from({ length: 14 }, () => part({ notice })));
    expect(said.slice(-2)).toEqual(['+4 more', 'Snoozed by Ada until 2026-11-21T13:00.']);
    expect(said.join('\n').match(/Ada/g)).toHaveLength(1);
  });

  test('of which not all are attended, or not by one tap, say it of each', () => {
    const parts = [
      part({ notice: { acknowledgedBy: 'Ada', acknowledgedAtMs: NOW } }),
      part({ notice: { acknowledgedBy: 'Ben', snoozedUntilMs: FOREVER_MS } }),
      part(),
    ];
    expect(lines(parts)).toEqual([
      expect.stringMatching(/ \(acknowledged by Ada at 2026-11-21T12:00\)$/),
      expect.stringMatching(/ \(snoozed by Ben until it is resolved\)$/),
      expect.stringMatching(/every 15 min\.$/),
    ]);
  });

  test('of many kinds are only counted', () => {
    const parts = ['A', 'B', 'C'].map((headline) => part({ headline, rule: `node.${headline}` }));
    expect(view(parts).title).toBe('3 alerts');
    // There is no one rule to mute.
    expect(labels(parts)).toEqual(['Acknowledge', 'Snooze', 'Alert history']);
  });

  test('as old as the oldest of them', () => {
    expect(view([part({ asOf: 1_000 }), part({ asOf: 2_000 })]).asOf).toBe(1_000);
  });
});

describe('what was held', () => {
  test('in quiet hours: an incident is one line, what is on comes first, the gravest before the others', () => {
    const over = [
      part({ incidentId: 1, label: 'node-a', state: 'resolved' }),
      part({ incidentId: 1, label: 'node-a', kind: 'resolved', headline: 'Node is back', lines: ['It beats again.'] }),
    ];
    const on = [
      part({ incidentId: 2, label: 'node-b', severity: 'info' }),
      part({ incidentId: 3, label: 'node-c', severity: 'warning', headline: 'Node disabled', lines: ['Off.'] }),
    ];
    const told = view([...over, ...on], { reason: 'quiet' });
    expect(told.title).toBe('While it was quiet: 3 alerts');
    expect(told.lines.map(textOf)).toEqual([
      '• Node disabled: node-c: Off.',
      '• Heartbeat late: node-b: No heartbeat for 17 min; one is expected every 15 min.',
      '• Heartbeat late: node-a → Node is back: node-a: It beats again.',
    ]);
  });

  test('in a backlog says why', () => {
    expect(view([part(), part()], { reason: 'backlog' }).title).toBe(
      '2 alerts, told together because more were queued than can be sent',
    );
  });
});

describe('on its way to a platform', () => {
  test('it calls whom it is to call, and dates are as the chat reads them', () => {
    const plain = outgoingMessage(queued([part()]), NOW);
    expect(plain).not.toHaveProperty('mention');
    expect(plain).not.toHaveProperty('dates');
    const delivery = queued([part()], { mention: 'role:7', editMessageId: 'm1', replyToMessageId: 'm2' });
    delivery.destination.settings = { ...delivery.destination.settings, locale: 'de-DE', timeZone: 'Europe/Berlin' };
    expect(outgoingMessage(delivery, NOW)).toMatchObject({
      mention: 'role:7',
      dates: { locale: 'de-DE', timeZone: 'Europe/Berlin' },
      editMessageId: 'm1',
      replyToMessageId: 'm2',
    });
  });

  test('news needs nobody to take care of it', () => {
    const { actions = [] } = view([part({ rule: 'model.listed', severity: 'info' })]);
    expect(actions.map(({ label }) => label).filter((label) => /Acknowledge|Snooze/.test(label))).toEqual([]);
  });

  test('whatever was queued: at most ten lines and a count, buttons fit Telegram, and there are few of them', () => {
    const rules = createRules({ thresholds: defaultThresholds, sourceNoticeAfterMs: 60_000 }).map(({ id }) => id);
    const oneOf = fc.record({
      kind: fc.constantFrom<IncidentEventKind>('fired', 'changed', 'resolved', 'reminder', 'escalated'),
      state: fc.constantFrom<'firing' | 'resolved'>('firing', 'resolved'),
      severity: fc.constantFrom<Severity>('info', 'warning', 'critical'),
      rule: fc.constantFrom(...rules),
      incidentId: fc.integer({ min: 1, max: 30 }),
      lines: fc.array(fc.string(), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(
        fc.array(oneOf, { minLength: 2, maxLength: 40 }),
        fc.constantFrom<QueuedDelivery['reason']>('', 'quiet', 'backlog'),
        (inputs, reason) => {
          const parts = inputs.map(part);
          const told = view(parts, { id: Number.MAX_SAFE_INTEGER, reason });
          expect(told.lines.length).toBeLessThanOrEqual(11);
          const [last = ''] = told.lines.slice(-1).map(textOf);
          const more = /^\+(\d+) more$/.exec(last)?.[1];
          const shown = told.lines.length - (more === undefined ? 0 : 1);
          expect(shown + Number(more ?? 0)).toBe(new Set(parts.map(({ incident }) => incident?.id)).size);
          expect(told.actions?.length).toBeLessThanOrEqual(4);
          for (const action of told.actions ?? []) expect(encodeButton(action, 64)).not.toBeNull();
        },
      ),
    );
  });
});
