import type { Action } from '../lib/view.ts';

/**
 * A button carries the command it runs, so it works after a restart without any memory of ours.
 * `e:` edits the message that carries it, `r:` answers below.
 */
export interface Button {
  mode: 'edit' | 'reply';
  command: string;
}

/** The data for a button, or null when it would exceed the platform's limit in UTF-8 bytes (Telegram 64, Discord 100). */
export function encodeButton(action: Action, limitBytes: number): string | null {
  const data = `${action.mode === 'reply' ? 'r' : 'e'}:${action.command}`;
  return Buffer.byteLength(data) <= limitBytes ? data : null;
}

/** What a pressed button asks for; null when it is not one of ours. */
export function decodeButton(data: string): Button | null {
  const match = /^([er]):(.+)$/s.exec(data);
  if (!match) return null;
  return { mode: match[1] === 'r' ? 'reply' : 'edit', command: match[2] as string };
}
