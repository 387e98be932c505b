import { Worker } from 'node:worker_threads';
import type { NodeKeys } from './checkAnswer.ts';
import type { CheckJob, CheckMessage, CheckReply } from './checkWorker.ts';

export type ThreadAnswer = Exclude<CheckReply, 'ready'>;

/** The thread ended, or was ended, before it answered. `started`: it was at work, so that what it read may be the reason. */
export class ThreadDied extends Error {
  readonly started: boolean;

  constructor(reason: string, started: boolean) {
    super(reason);
    this.started = started;
  }
}

export interface ThreadLimits {
  /** For one job, the start of the thread included. */
  timeoutMs: number;
  heapMb: number;
}

/**
 * One worker thread, started with its first job. It keeps the process alive while a job is under way, and never otherwise.
 * One job at a time.
 */
export class CheckThread {
  readonly #limits: ThreadLimits;
  #worker: Worker | null = null;
  #keys: NodeKeys | null = null;

  constructor(limits: ThreadLimits) {
    this.#limits = limits;
  }

  /** Rejects with ThreadDied; then the next job gets a new thread. */
  async run(job: CheckJob, keys: NodeKeys): Promise<ThreadAnswer> {
    const worker = this.#worker ?? this.#start();
    const { promise, resolve, reject } = Promise.withResolvers<ThreadAnswer>();
    let started = this.#keys !== null;
    const onMessage = (reply: CheckReply): void => {
      if (reply === 'ready') started = true;
      else resolve(reply);
    };
    const onError = (error: Error): void => reject(new ThreadDied(error.message, started));
    const onExit = (): void => reject(new ThreadDied('the thread ended', started));
    const timer = setTimeout(() => reject(new ThreadDied('no answer in time', started)), this.#limits.timeoutMs);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit).ref();
    try {
      if (this.#keys !== keys) this.#post(worker, { kind: 'keys', keys });
      this.#keys = keys;
      this.#post(worker, job);
      return await promise;
    } catch (error) {
      await this.end();
      throw error;
    } finally {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit).unref();
    }
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#keys = null;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./checkWorker.ts', import.meta.url), {
      // Not what the bot itself was started with: flags for its heap, and secrets.
      execArgv: [],
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.heapMb, maxYoungGenerationSizeMb: 8, stackSizeMb: 4 },
    });
    // While nobody listens an error would end the process.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      if (this.#worker === worker) {
        this.#worker = null;
        this.#keys = null;
      }
    });
    this.#worker = worker;
    return worker;
  }

  /** A batch goes over in memory of its own that changes hands: the caller's stays, for a second try. */
  #post(worker: Worker, message: CheckMessage): void {
    if (message.kind !== 'batch') worker.postMessage(message);
    else {
      const bytes = message.bytes.slice();
      worker.postMessage({ ...message, bytes }, [bytes.buffer]);
    }
  }
}
