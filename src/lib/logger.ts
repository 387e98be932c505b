import pino, { type Logger } from 'pino';

export type { Logger };

/** Matches Discord and Telegram tokens and URL credentials wherever they stand in a text. */
const SECRETS: [RegExp, string][] = [
  [/\b\d{6,12}:[A-Za-z0-9_-]{30,}/g, '<telegram-token>'],
  [/\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}/g, '<discord-token>'],
  [/(\w+:\/\/)[^\s/"]+@/g, '$1<credentials>@'],
];

/** Returns a function that hides the given secrets, and anything that looks like a token, in a text. */
export function redactor(secrets: string[]): (text: string) => string {
  // Also as it stands in a JSON string; the longest first, since one secret may begin with another.
  const known = [...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))]
    .filter((secret) => secret.length >= 6)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let out = text;
    for (const secret of known) out = out.replaceAll(secret, '<secret>');
    for (const [pattern, name] of SECRETS) out = out.replace(pattern, name);
    return out;
  };
}

/**
 * JSON lines on stderr. Every line passes the redactor as a whole, so a token cannot leak through an
 * error message or a URL either.
 */
export function createLogger(
  level: string,
  secrets: string[] = [],
  write: (line: string) => void = (line) => process.stderr.write(line),
): Logger {
  const redact = redactor(secrets);
  return pino(
    { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => write(redact(line)) },
  );
}
