import type { Clock } from './lib/clock.ts';
import { explain } from './lib/errors.ts';
import type { Logger } from './lib/logger.ts';

const TIMEOUT_MS = 10_000;

export interface HeartbeatOptions {
  /** Of a dead-man's switch (healthchecks.io and the like); secret, since whoever has it can ping it. */
  url: string;
  everyMs: number;
  /** Do collectors and senders work? Asked before each ping. */
  isWorking: () => Promise<boolean>;
  clock: Clock;
  logger: Logger;
}

/**
 * Tells a watcher outside that this bot works, and stays silent while it does not: the watcher then calls. Resolves when
 * the signal aborts. A ping that fails is logged once until one succeeds again.
 */
export async function runHeartbeat(options: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  const { clock, logger, everyMs } = options;
  let quietBecause: string | null = null;
  while (!signal.aborted) {
    const problem = await ping(options, signal);
    if (problem !== null && problem !== quietBecause && !signal.aborted) {
      logger.warn({ cause: problem }, 'no heartbeat was sent');
    }
    if (problem === null && quietBecause !== null) logger.info('heartbeats are sent again');
    quietBecause = problem;
    await clock.sleep(everyMs, signal);
  }
}

/** What kept the ping from arriving; null when it arrived. */
async function ping({ url, isWorking }: HeartbeatOptions, signal: AbortSignal): Promise<string | null> {
  try {
    if (!(await isWorking())) return 'a collector or a chat does not work, see /readyz';
    const until = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const answer = await fetch(url, { signal: until, redirect: 'manual' });
    await answer.body?.cancel();
    return answer.ok ? null : `the heartbeat URL answered ${answer.status}`;
  } catch (error) {
    return explain(error);
  }
}
