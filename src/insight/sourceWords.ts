import type { SourceStatus } from '../lib/facts.ts';

/**
 * Why a source says nothing about now, in one clause for readers (`the hub could not be asked: no answer`); null while it is fresh.
 * `status` null: it is not configured. `name`: what readers call it, e.g. `the hub`.
 */
export function sourceWords(status: SourceStatus | null, name: string): string | null {
  if (status === null) return `${name} is not configured`;
  const because = status.shortError === null ? '' : `: ${status.shortError}`;
  switch (status.state) {
    case 'fresh':
      return null;
    case 'unknown':
      return `${name} has not been asked yet`;
    case 'stale':
      return `${name} says nothing new${because}`;
    case 'failing':
      return `${name} could not be asked${because}`;
  }
}
