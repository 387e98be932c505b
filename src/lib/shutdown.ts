import type { Logger } from './logger.ts';

interface Step {
  name: string;
  stop: () => Promise<void> | void;
}

/**
 * Everything that must be stopped registers here; `run` stops in reverse order of registration, so what
 * was built on something stops before it. A step that fails or hangs does not keep the others from stopping.
 */
export class Shutdown {
  readonly #steps: Step[] = [];
  readonly #controller = new AbortController();
  #running: Promise<void> | undefined;

  /** Aborts as soon as shutdown begins. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  add(name: string, stop: Step['stop']): void {
    this.#steps.push({ name, stop });
  }

  /** Stops everything once; later calls wait for the same run. Each step gets `deadlineMs`. */
  run(logger: Logger, deadlineMs = 10_000): Promise<void> {
    this.#running ??= this.#stopAll(logger, deadlineMs);
    return this.#running;
  }

  async #stopAll(logger: Logger, deadlineMs: number): Promise<void> {
    this.#controller.abort();
    for (const step of this.#steps.reverse()) {
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`did not stop within ${deadlineMs} ms`)), deadlineMs);
      });
      try {
        await Promise.race([step.stop(), deadline]);
      } catch (error) {
        logger.warn({ step: step.name, err: error }, 'shutdown step failed');
      } finally {
        clearTimeout(timer);
      }
    }
  }
}
