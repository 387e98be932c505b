import type { PlatformName } from '../lib/delivery.ts';
import { duration } from '../lib/units.ts';
import { BREAK_MS, MAX_REFUSALS } from './breaker.ts';

/** More than can be sent in this time is a backlog. */
export const IN_TIME_MS = 600_000;

/** What the operator hears when a platform's queue rests because of refusals. */
export const refusalNotice = (platform: PlatformName): string =>
  `${platform} refused more than ${MAX_REFUSALS} messages within a minute. Nothing is sent there for ${duration(BREAK_MS / 1000)}, so that it does not ban this bot; then the rest goes out.`;

/** And when more is queued than can be sent in time. */
export const backlogNotice = (platform: PlatformName, { due, collapsed }: { due: number; collapsed: number }): string =>
  `${due} alerts wait for ${platform}, more than it takes in ${duration(IN_TIME_MS / 1000)}. Critical ones go first and by themselves; ${collapsed} others are told together, one message a chat.`;
