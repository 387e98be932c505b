import { AssayError } from '../lib/errors.ts';
import type { ProofCheck, ProofStep, StepOutcome } from '../lib/proofFacts.ts';
import { cleanText } from '../lib/units.ts';

type Found = Pick<ProofCheck, 'subject' | 'leaves' | 'settledAtSeconds' | 'delaySeconds' | 'mode' | 'txHash'>;

/** A check as it comes along: every step is told when it is done. */
export class ProofSteps {
  readonly #onStep: (check: ProofCheck) => void;
  readonly #steps: ProofStep[] = [];
  readonly #sources = new Set<string>();
  #found: Found;

  constructor(subject: string, onStep: (check: ProofCheck) => void) {
    this.#onStep = onStep;
    this.#found = { subject, leaves: null, settledAtSeconds: null, delaySeconds: null, mode: null, txHash: null };
  }

  /** Something that the next step tells along. */
  note(found: Partial<Found>): void {
    this.#found = { ...this.#found, ...found };
  }

  asked(source: string): void {
    this.#sources.add(source);
  }

  done(name: string, outcome: StepOutcome, detail: string): void {
    this.#steps.push({ name, outcome, detail: cleanText(detail, 300) });
    this.#onStep(this.#as('checking'));
  }

  failed(name: string, error: unknown): void {
    this.done(name, 'could not ask', error instanceof AssayError ? error.message : 'it could not be asked');
  }

  /** `open` and `not found` may be said outright; else the steps say it. */
  end(verdict?: 'open' | 'not found'): ProofCheck {
    const has = (outcome: StepOutcome): boolean => this.#steps.some((step) => step.outcome === outcome);
    return this.#as(verdict ?? (has('fails') ? 'wrong' : has('could not ask') ? 'open' : 'proven'));
  }

  #as(verdict: ProofCheck['verdict']): ProofCheck {
    return { ...this.#found, steps: [...this.#steps], verdict, sources: [...this.#sources] };
  }
}
