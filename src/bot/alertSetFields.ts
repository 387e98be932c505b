import { z } from 'zod';
import { FOREVER_MS } from '../store/store.ts';
import { readLocale, readMinute, readZone } from './chatSettings.ts';
import { REST } from './commands/alertsPause.ts';
import { ESCALATION } from './settingOptions.ts';
import { STEP_NAMES } from './steps.ts';

/** Fields of an alert file: what each may hold, with what it means to this bot. */

/** A text that a function reads; what it answers null for is refused. */
const readBy = <Value>(read: (text: string) => Value | null, message: string) =>
  z
    .string(message)
    .max(100, message)
    .transform((text, context) => {
      const value = read(text);
      if (value !== null) return value;
      context.issues.push({ code: 'custom', input: text, message });
      return z.NEVER;
    });

/** Unix milliseconds of an ISO 8601 moment at most a year ahead, or `forever`. One that has passed is a moment too. */
export const momentField = (nowMs: number) =>
  readBy((text) => {
    if (text === 'forever') return FOREVER_MS;
    const atMs = z.iso.datetime({ offset: true }).safeParse(text).success ? Date.parse(text) : Number.NaN;
    return atMs <= nowMs + REST.maxSeconds * 1000 ? atMs : null;
  }, 'must be "forever" or a time like "2026-11-21T09:00:00Z", at most a year ahead');

/** As it is written in a file. */
export const momentText = (atMs: number): string => (atMs >= FOREVER_MS ? 'forever' : new Date(atMs).toISOString());

export const mentionField = z
  .string('must be text')
  .regex(/^(?:(?:role|user):\d{1,20}|name:[a-zA-Z]\w{3,31})$/, 'must be role:<id>, user:<id> or name:<user name>')
  .nullable()
  .optional();

const steps = `must be a list of some of ${STEP_NAMES.join(', ')}`;

/** Of votes: which reminders are wanted. */
export const stepsField = z.array(z.enum(STEP_NAMES, steps), steps).max(STEP_NAMES.length, steps).optional();

const minuteField = readBy(readMinute, 'must be a time of day like "09:00"');

/** `09:00` */
export const minuteText = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const escalationSeconds = `must be from ${ESCALATION.minSeconds} to ${ESCALATION.maxSeconds} seconds`;

export const chatSettingsSchema = z.strictObject(
  {
    timeZone: readBy(readZone, 'must be a time zone like "Europe/Berlin" or "UTC"').optional(),
    /** null: UTC as numbers. */
    dates: readBy(readLocale, 'must be a language like "de-DE",').nullable().optional(),
    quietHours: z
      .strictObject(
        {
          from: minuteField,
          to: minuteField,
          critical: z.enum(['pass', 'wait'], 'must be "pass" or "wait"').default('pass'),
        },
        'must be {"from": "22:00", "to": "07:00"}',
      )
      .refine(({ from, to }) => from !== to, 'must not begin and end at the same time')
      .nullable()
      .optional(),
    resolve: z.enum(['reply', 'edit', 'both', 'none'], 'must be one of reply, edit, both, none').optional(),
    digest: z.enum(['off', 'hourly', 'daily', 'weekly'], 'must be one of off, hourly, daily, weekly').optional(),
    digestAt: minuteField.optional(),
    escalation: z
      .strictObject(
        {
          afterSeconds: z
            .int(escalationSeconds)
            .min(ESCALATION.minSeconds, escalationSeconds)
            .max(ESCALATION.maxSeconds, escalationSeconds),
          mention: mentionField,
        },
        'must be {"afterSeconds": 900}',
      )
      .nullable()
      .optional(),
  },
  'must be settings: {"timeZone": …}',
);
