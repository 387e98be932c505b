import type { Clock } from '../../lib/clock.ts';
import type { Address } from '../../lib/delivery.ts';
import { Newest } from '../../lib/newest.ts';
import type { View } from '../../lib/view.ts';
import type { Answers } from './answers.ts';

/** Telegram takes about one change a second in a chat. */
const EVERY_MS = 2_000;

/** An answer that may be shown in parts: the first part is posted, what follows takes its place. */
export class LiveAnswer {
  /** Resolves when the first part is offered. */
  readonly begun: Promise<void>;
  readonly #begin: () => void;
  readonly #answers: Answers;
  readonly #where: { address: Address; replyToMessageId?: string };
  readonly #parts: Newest<View>;
  #isBegun = false;
  #messageId: string | null = null;

  constructor(answers: Answers, where: { address: Address; replyToMessageId?: string }, clock: Clock) {
    this.#answers = answers;
    this.#where = where;
    const begun = Promise.withResolvers<void>();
    this.begun = begun.promise;
    this.#begin = begun.resolve;
    this.#parts = new Newest((part) => this.#post(part), clock, EVERY_MS);
  }

  /** A part was offered: the answer is `finish`ed here. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  show(part: View): void {
    this.#isBegun = true;
    this.#begin();
    this.#parts.offer(part);
  }

  /** The whole answer, when it is made, in the place of its parts. */
  async finish(answer: Promise<View>): Promise<void> {
    const view = await answer.finally(() => this.#parts.end());
    await this.#post(view);
  }

  async #post(view: View): Promise<void> {
    const { address } = this.#where;
    if (this.#messageId !== null) {
      const edited = await this.#answers.post({ address, view, editMessageId: this.#messageId });
      if (edited.kind !== 'uneditable') return;
    }
    const posted = await this.#answers.post({ ...this.#where, view });
    if (posted.kind === 'sent') this.#messageId = posted.messageId;
  }
}
