import { z } from 'zod';
import { MAX_FILE_BYTES } from '../lib/fileText.ts';
import { isBlobId } from '../lib/modelFacts.ts';
import { SEVERITIES } from '../store/store.ts';
import { MAX_SUBSCRIPTIONS } from '../store/subscriptionLimit.ts';
import { chatSettingsSchema, mentionField, momentField, stepsField } from './alertSetFields.ts';
import { echo } from './answers.ts';
import type { BotContext } from './context.ts';
import { readAuthor, readModelKey } from './modelNames.ts';
import { DELAY } from './overrides.ts';
import { FAMILIES } from './rules.ts';
import { stepsProblem } from './steps.ts';

/**
 * What a chat hears, as a file: `assay-alerts` 1. Times are in seconds or as ISO 8601, nodes are named by their endpoints,
 * so that another bot or chat can read it. What is left out of a file stays as it is where the file is read.
 */
export const FORMAT = 'assay-alerts';
export const VERSION = 1;

/** Stands in a file for what the store keeps as an empty rule. */
export const EVERY_RULE = 'all';

export type AlertSet = z.infer<ReturnType<typeof alertSetSchema>>;
export type SetAlert = AlertSet['alerts'][number];

type Known = Pick<BotContext, 'rules'> & { nowMs: number };

const ABOUT =
  'must be "all", {"node": "<endpoint>"}, {"owner": "0x…"}, or of models {"model": "author/name"}, {"blob": "<id>"}, {"owner": "author"}, of governance {"network": "name"}, of voters {"voter": "0x…"}';
const owner = z
  .string()
  .refine((text) => readAuthor(text) !== null, 'must be an address, or the author of models')
  .transform((text) => readAuthor(text) ?? '');
const model = z
  .string()
  .refine((text) => readModelKey(text) !== null, 'must be author/name')
  .transform((text) => readModelKey(text) ?? '');
const blob = z.string().refine(isBlobId, 'must be a blob id of 43 characters, or a CID');
const network = z.string().regex(/^[a-z][a-z0-9-]{1,29}$/, 'must be the name of a network, in lower case');
const voter = z
  .string()
  .regex(/^0x[0-9a-fA-F]{40}$/, 'must be an address of 0x and 40 hex digits')
  .transform((text) => text.toLowerCase());
const node = z.string().min(1, 'must be an endpoint').max(256, 'must be an endpoint of at most 256 characters');

const ruleField = (rules: Known['rules']) =>
  z.enum([EVERY_RULE, ...rules.map(({ id }) => id)], 'must be "all" or one of /alerts rules');

function alertSchema({ rules, nowMs }: Known) {
  return z
    .strictObject(
      {
        family: z.enum(FAMILIES, `must be one of ${FAMILIES.join(', ')}`),
        rule: ruleField(rules).default(EVERY_RULE),
        about: z.union(
          [
            z.literal('all'),
            z.strictObject({ node }),
            z.strictObject({ owner }),
            z.strictObject({ model }),
            z.strictObject({ blob }),
            z.strictObject({ network }),
            z.strictObject({ voter }),
          ],
          ABOUT,
        ),
        severity: z.enum(SEVERITIES, `must be one of ${SEVERITIES.join(', ')}`).optional(),
        threshold: z.int('must be a whole number').nullable().optional(),
        afterSeconds: z
          .int('must be a whole number of seconds')
          .refine(
            (seconds) => seconds >= DELAY.minSeconds && seconds <= DELAY.maxSeconds,
            `must be from ${DELAY.minSeconds} to ${DELAY.maxSeconds} seconds`,
          )
          .nullable()
          .optional(),
        mention: mentionField,
        pausedUntil: momentField(nowMs).nullable().optional(),
        steps: stepsField,
      },
      'must be an alert: {"family": …, "about": …}',
    )
    .superRefine(({ family, about, rule, threshold, steps }, { addIssue }) => {
      const step = steps === undefined ? null : stepsProblem({ family, rule: rule === EVERY_RULE ? '' : rule }, steps);
      if (step !== null) addIssue({ code: 'custom', path: ['steps'], message: step });
      const wrong = aboutProblem(family, about);
      if (wrong !== null) addIssue({ code: 'custom', ...wrong });
      const named = rules.find(({ id }) => id === rule);
      if (named !== undefined && named.family !== family)
        addIssue({ code: 'custom', path: ['rule'], message: `is no rule of ${family}` });
      if (threshold === undefined || threshold === null) return;
      const range = named?.threshold ?? null;
      if (range === null)
        addIssue({ code: 'custom', path: ['threshold'], message: 'goes only with a rule that measures something' });
      else if (threshold < range.min || threshold > range.max)
        addIssue({ code: 'custom', path: ['threshold'], message: `must be from ${range.min} to ${range.max}` });
    });
}

/** What of a family an alert cannot be about, and where that stands; null when it can. */
function aboutProblem(family: string, about: 'all' | object): { path: string[]; message: string } | null {
  const path = ['about'];
  if (family === 'voter') {
    return about !== 'all' && 'voter' in about ? null : { path, message: 'must name a voter: {"voter": "0x…"}' };
  }
  if (about === 'all') return null;
  if (family === 'gov') return 'network' in about ? null : { path, message: 'must be "all" or {"network": "name"}' };
  if ('network' in about || 'voter' in about) {
    return { path, message: `must not name a network or a voter: it is of family ${family}` };
  }
  if (family === 'model') return 'node' in about ? { path, message: 'must name a model, not a node' } : null;
  if ('model' in about || 'blob' in about) {
    return { path, message: `must name a node, not a model: it is of family ${family}` };
  }
  if (!('owner' in about) || /^0x[0-9a-f]{40}$/.test(String(about.owner))) return null;
  return { path: ['about', 'owner'], message: 'must be an address of 0x and 40 hex digits' };
}

function alertSetSchema(known: Known) {
  return z.strictObject({
    [FORMAT]: z.literal(VERSION, `must be ${VERSION}`),
    from: z
      .strictObject(
        {
          app: z.enum(['discord', 'telegram', 'terminal']),
          chat: z.string().max(200, 'may have at most 200 characters'),
        },
        'must name "app" and "chat"',
      )
      .optional(),
    settings: chatSettingsSchema.optional(),
    alerts: z
      .array(alertSchema(known), 'must be a list')
      .max(MAX_SUBSCRIPTIONS, `may have at most ${MAX_SUBSCRIPTIONS} alerts`),
    mutes: z
      .array(
        z.strictObject(
          { rule: ruleField(known.rules), until: momentField(known.nowMs) },
          'must be a mute: {"rule": …, "until": …}',
        ),
        'must be a list',
      )
      .max(known.rules.length + 1, 'has more mutes than there are rules')
      .default([]),
  });
}

/** What a file says, or what is wrong with it: each problem begins with its place. Never throws. */
export function readAlertSet(text: string, known: Known): { set: AlertSet } | { problems: string[] } {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES)
    return { problems: [`The file has more than ${MAX_FILE_BYTES / 1024} KiB.`] };
  const json = parseJson(text);
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, FORMAT))
    return { problems: ['This is no file of /alerts export.'] };
  const version: unknown = (json as Record<string, unknown>)[FORMAT];
  if (version !== VERSION)
    return { problems: [`The file is of version ${echo(version)}; this bot reads version ${VERSION}.`] };
  const read = alertSetSchema(known).safeParse(json);
  return read.success ? { set: read.data } : { problems: read.error.issues.map(problemOf) };
}

export const writeAlertSet = (set: object): string => `${JSON.stringify(set, null, 2)}\n`;

/** `alerts[2].about`, as it would be written in JavaScript. */
const placeInFile = (path: readonly PropertyKey[]): string =>
  path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('');

function problemOf(issue: z.core.$ZodIssue): string {
  const place = issue.path.length === 0 ? 'The file' : placeInFile(issue.path);
  if (issue.code === 'unrecognized_keys')
    return `${place} has fields that are not known: ${issue.keys.slice(0, 3).map(echo).join(', ')}`;
  return `${place} ${issue.message}`;
}

function parseJson(text: string): unknown {
  try {
    // Some editors begin a file with a mark of its byte order.
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}
