import { AssayError } from '../../../lib/errors.ts';
import type { Logger } from '../../../lib/logger.ts';
import type { LeafVerdict, SettledAnswer } from '../../../lib/proofFacts.ts';
import type { NodeKeys } from './checkAnswer.ts';
import { type BatchCheck, type ExpectedBatch, UNREADABLE_PROOF } from './checkBatch.ts';
import { CheckThread, type ThreadAnswer, ThreadDied, type ThreadLimits } from './checkThread.ts';
import type { CheckJob } from './checkWorker.ts';

export interface ProofChecker {
  /** Keys by which everything asked from now on is checked. */
  setKeys(keys: NodeKeys): void;
  /** Never accuses without reading: rejects with a retryable AssayError when no thread can be started, or on `close`. */
  batch(bytes: Uint8Array, expected: ExpectedBatch): Promise<BatchCheck>;
  /** Verdicts in the order of the answers. Rejects like `batch`. */
  answers(list: readonly SettledAnswer[]): Promise<LeafVerdict[]>;
  close(): Promise<void>;
}

export interface ProofCheckerOptions {
  threads?: 1 | 2;
  logger?: Logger;
  limits?: Partial<ThreadLimits & { idleMs: number }>;
}

interface Task {
  job: CheckJob;
  keys: NodeKeys;
  tries: number;
  resolve: (answer: ThreadAnswer) => void;
  reject: (error: unknown) => void;
}

/** Answers in one message: a few milliseconds of work, so that threads share a long list. */
const PORTION = 200;

const LIMITS = { timeoutMs: 30_000, heapMb: 96, idleMs: 60_000 };

/**
 * Checks proofs in threads of their own, so that hashing, signatures and hostile blobs hold up nobody. A blob that ends its
 * thread twice, or keeps it for more than 30 s twice, is malformed; a fresh thread serves the rest. Threads start with the
 * first question, and are let go after a minute without one.
 */
export function createProofChecker(options: ProofCheckerOptions = {}): ProofChecker {
  const { threads = 1, logger } = options;
  const limits = { ...LIMITS, ...options.limits };
  const idle = Array.from({ length: threads }, () => new CheckThread(limits));
  const all = [...idle];
  const queue: Task[] = [];
  let keys: NodeKeys = new Map();
  let closed = false;
  let letGo: NodeJS.Timeout | undefined;

  const run = async (thread: CheckThread, task: Task): Promise<void> => {
    try {
      task.resolve(await thread.run(task.job, task.keys));
    } catch (error) {
      task.tries += 1;
      const why = error instanceof ThreadDied ? error.message : String(error);
      logger?.warn({ why, tries: task.tries, kind: task.job.kind }, 'a thread that checks proofs ended');
      if (closed) task.reject(stopped());
      else if (task.tries < 2) queue.unshift(task);
      else if (task.job.kind === 'batch' && error instanceof ThreadDied && error.started) task.resolve(unreadable());
      else task.reject(new AssayError('proofs cannot be checked now', { retryable: true, detail: why, cause: error }));
    }
    idle.push(thread);
    serve();
  };

  function serve(): void {
    clearTimeout(letGo);
    while (idle.length > 0 && queue.length > 0) void run(idle.pop() as CheckThread, queue.shift() as Task);
    if (idle.length < all.length || closed) return;
    letGo = setTimeout(() => {
      for (const thread of all) void thread.end();
    }, limits.idleMs).unref();
  }

  function ask(job: CheckJob): Promise<ThreadAnswer> {
    if (closed) return Promise.reject(stopped());
    const { promise, resolve, reject } = Promise.withResolvers<ThreadAnswer>();
    queue.push({ job, keys, tries: 0, resolve, reject });
    serve();
    return promise;
  }

  return {
    setKeys(next) {
      // Every sweep of the registry brings them again: threads are told, and read them anew, only when they changed.
      if (!sameKeys(keys, next)) keys = new Map(next);
    },
    batch: async (bytes, expected) => (await ask({ kind: 'batch', bytes, expected })) as BatchCheck,
    async answers(list) {
      const portions: Promise<ThreadAnswer>[] = [];
      for (let at = 0; at < list.length; at += PORTION) {
        portions.push(ask({ kind: 'answers', answers: list.slice(at, at + PORTION) }));
      }
      return ((await Promise.all(portions)) as LeafVerdict[][]).flat();
    },
    async close() {
      closed = true;
      clearTimeout(letGo);
      for (const { reject } of queue.splice(0)) reject(stopped());
      await Promise.all(all.map((thread) => thread.end()));
    },
  };
}

const stopped = (): AssayError => new AssayError('checking proofs was stopped', { retryable: true });
const unreadable = (): BatchCheck => ({ state: 'malformed', reason: UNREADABLE_PROOF, leaves: [] });

const sameKeys = (one: NodeKeys, other: NodeKeys): boolean =>
  one.size === other.size &&
  [...one].every(([teeId, der]) => {
    const there = other.get(teeId);
    return there !== undefined && Buffer.compare(there, der) === 0;
  });
