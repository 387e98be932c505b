/**
 * An error with two readers: `message` is short and safe to show a user, `cause` and `detail` are for
 * the operator's log. `retryable` says whether the same call may succeed later, `retryAfterMs` how long the other
 * side asked to wait before that.
 */
export class AssayError extends Error {
  readonly retryable: boolean;
  readonly retryAfterMs: number;
  readonly detail: string;

  constructor(
    message: string,
    options: { retryable?: boolean; retryAfterMs?: number; detail?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AssayError';
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs ?? 0;
    this.detail = options.detail ?? message;
  }
}

/** The whole chain of causes in one line, for a log. */
export function explain(error: unknown): string {
  const parts: string[] = [];
  let at: unknown = error;
  // Counted by steps, not by parts: a cause may lead back to itself.
  for (let depth = 0; at && depth < 5; depth += 1) {
    const text = at instanceof AssayError ? at.detail : at instanceof Error ? at.message : String(at);
    if (!parts.includes(text)) parts.push(text);
    at = at instanceof Error ? at.cause : undefined;
  }
  return parts.join(': ').replace(/\s+/g, ' ').slice(0, 600);
}
