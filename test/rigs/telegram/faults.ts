/** What a call meets instead of its ordinary answer. */
export type Fault =
  /** Refused with this answer; nothing is done. */
  | {
      kind: 'refuse';
      code: number;
      description: string;
      parameters?: { retry_after?: number; migrate_to_chat_id?: number };
      /** Of a file: where else it is said to be. */
      location?: string;
    }
  /** Done, but the answer never comes. */
  | { kind: 'accept-and-hang' }
  /** Not done, and no answer. */
  | { kind: 'hang' }
  /** Done, but the connection breaks in the middle of the answer. */
  | { kind: 'accept-and-cut' }
  /** The connection breaks before anything is read. */
  | { kind: 'reset' }
  /** Done after this promise. */
  | { kind: 'wait'; until: Promise<unknown> };

/** The refusals worth having by name, in the Bot API's words. */
export const REFUSALS = {
  flood: (retry_after: number): Fault => ({
    kind: 'refuse',
    code: 429,
    description: `Too Many Requests: retry after ${retry_after}`,
    parameters: { retry_after },
  }),
  forbidden: (text: string): Fault => ({ kind: 'refuse', code: 403, description: `Forbidden: ${text}` }),
  badRequest: (text: string): Fault => ({ kind: 'refuse', code: 400, description: `Bad Request: ${text}` }),
  migrated: (migrate_to_chat_id: number): Fault => ({
    kind: 'refuse',
    code: 400,
    description: 'Bad Request: group chat was upgraded to a supergroup chat',
    parameters: { migrate_to_chat_id },
  }),
  server: (code = 502): Fault => ({
    kind: 'refuse',
    code,
    description: code === 500 ? 'Internal Server Error' : 'Bad Gateway',
  }),
  conflict: (): Fault => ({
    kind: 'refuse',
    code: 409,
    description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
  }),
  unauthorized: (): Fault => ({ kind: 'refuse', code: 401, description: 'Unauthorized' }),
};

export class Faults {
  readonly #queues = new Map<string, { fault: Fault; left: number }[]>();

  /** The next `times` calls of a method (`*`: of any) meet the fault, after those injected before. */
  inject(method: string, fault: Fault, times = 1): void {
    const queue = this.#queues.get(method) ?? [];
    queue.push({ fault, left: times });
    this.#queues.set(method, queue);
  }

  clear(): void {
    this.#queues.clear();
  }

  take(method: string): Fault | null {
    for (const name of [method, '*']) {
      const queue = this.#queues.get(name);
      const first = queue?.[0];
      if (queue === undefined || first === undefined) continue;
      if (--first.left <= 0) queue.shift();
      return first.fault;
    }
    return null;
  }
}
