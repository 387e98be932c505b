import { isDeepStrictEqual } from 'node:util';
import type { ChatSettings } from '../store/store.ts';
import type { AlertSet } from './alertSet.ts';
import type { Called } from './importMentions.ts';

type FileSettings = NonNullable<AlertSet['settings']>;

/** The settings that a file makes different from those of before. */
export function changedSettings(
  settings: AlertSet['settings'],
  before: ChatSettings,
  called: Called,
): Partial<ChatSettings> {
  if (settings === undefined) return {};
  const { timeZone, dates, quietHours, resolve, digest, digestAt, escalation } = settings;
  const wanted: Partial<ChatSettings> = {
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(dates === undefined ? {} : { locale: dates ?? '' }),
    ...(quietHours === undefined ? {} : { quiet: quietHours && quietOf(quietHours) }),
    ...(resolve === undefined ? {} : { resolveStyle: resolve }),
    ...(digest === undefined ? {} : { digest }),
    ...(digestAt === undefined ? {} : { digestMinute: digestAt }),
    ...(escalation === undefined ? {} : { escalation: escalation && escalationOf(escalation, before, called) }),
  };
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => !isDeepStrictEqual(value, before[name as keyof ChatSettings])),
  );
}

const quietOf = ({ from, to, critical }: NonNullable<FileSettings['quietHours']>) => ({
  fromMinute: from,
  toMinute: to,
  criticalPasses: critical === 'pass',
});

const escalationOf = (
  { afterSeconds, mention }: NonNullable<FileSettings['escalation']>,
  { escalation }: ChatSettings,
  called: Called,
) => ({
  afterSeconds,
  mention: called(mention) ?? escalation?.mention ?? '',
  toId: escalation?.toId ?? null,
});
