import type { View } from '../../src/lib/view.ts';
import type { DeliveryPart, IncidentEventKind, QueuedDelivery, Severity } from '../../src/store/store.ts';

/** 2026-11-21 12:00:00 UTC. */
export const NOW = Date.UTC(2026, 10, 21, 12);

interface PartInput {
  headline?: string;
  label?: string;
  lines?: View['lines'];
  tone?: View['tone'];
  kind?: IncidentEventKind;
  state?: 'firing' | 'resolved';
  rule?: string;
  severity?: Severity;
  incidentId?: number;
  notice?: Partial<NonNullable<DeliveryPart['notice']>>;
  asOf?: number;
}

let made = 0;

/** A part of a message about one incident, as the store hands it out. */
export function part(input: PartInput = {}): DeliveryPart {
  made += 1;
  const { headline = 'Heartbeat late', label = `node-${made}`, kind = 'fired' } = input;
  return {
    view: {
      title: `${headline}: ${label}`,
      headline,
      tone: input.tone ?? 'degraded',
      lines: input.lines ?? [[{ strong: 'No heartbeat for 17 min' }, '; one is expected every 15 min.'], 'More.'],
      actions: [
        { label: 'Status', command: 'node status 0x12ab34cd56ef', mode: 'reply' },
        { label: 'History', command: 'node history 0x12ab34cd56ef', mode: 'reply' },
      ],
      asOf: input.asOf ?? NOW / 1000,
      sources: ['TEERegistry'],
    },
    incident: {
      id: input.incidentId ?? made,
      state: input.state ?? (kind === 'resolved' ? 'resolved' : 'firing'),
      rule: input.rule ?? 'node.heartbeat',
      severity: input.severity ?? 'warning',
    },
    kind,
    notice: { acknowledgedBy: null, acknowledgedAtMs: null, snoozedUntilMs: null, ...input.notice },
  };
}

export function queued(parts: DeliveryPart[], more: Partial<QueuedDelivery> = {}): QueuedDelivery {
  return {
    id: 41,
    mode: 'send',
    attempts: 1,
    createdAtMs: NOW,
    destination: {
      id: 1,
      address: { platform: 'discord', chatId: '10001', threadId: null },
      title: 'ops',
      kind: 'channel',
      state: 'active',
      deadReason: null,
      settings: {
        timeZone: 'UTC',
        locale: '',
        quiet: null,
        resolveStyle: 'reply',
        digest: 'off',
        digestMinute: 540,
        escalation: null,
      },
      quietUntil: null,
      nextDigestAtMs: null,
    },
    parts,
    mention: '',
    editMessageId: null,
    replyToMessageId: null,
    reason: '',
    ...more,
  };
}

/** The text of a line without its layout. */
export function textOf(line: View['lines'][number]): string {
  const inlines = Array.isArray(line) ? line : [line];
  return inlines
    .map((inline) => {
      if (typeof inline === 'string') return inline;
      if ('strong' in inline) return inline.strong;
      if ('code' in inline) return inline.code;
      return 'time' in inline ? new Date(inline.time * 1000).toISOString().slice(0, 16) : inline.link;
    })
    .join('');
}
