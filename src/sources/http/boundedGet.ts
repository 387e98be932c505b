import { type Agent, request } from 'node:https';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;

export interface BoundedAnswer {
  status: number;
  body: Buffer;
}

/** The answer was not one that we are willing to read. */
export class UnreadableAnswer extends Error {}

/**
 * GET of a stranger's URL: redirects are not followed, at most 64 KiB are read, and the whole exchange, a dripping
 * body included, ends with `signal`. Rejects with UnreadableAnswer or the connection's own error.
 */
export function boundedGet(url: URL, agent: Agent, signal: AbortSignal): Promise<BoundedAnswer> {
  return new Promise((resolve, reject) => {
    // A request that still waits for its connection does not hear of the signal: a handshake could be drawn out.
    const giveUp = (): void => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    const req = request(
      url,
      { agent, signal, maxHeaderSize: MAX_HEADER_BYTES, headers: { accept: 'application/json' } },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size > MAX_BODY_BYTES) {
            reject(new UnreadableAnswer(`the answer is larger than ${MAX_BODY_BYTES / 1024} KiB`));
            req.destroy();
          }
        });
        answer.once('error', reject);
        answer.once('aborted', () => reject(new UnreadableAnswer('the answer was cut short')));
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body: Buffer.concat(chunks) }));
      },
    );
    req.once('error', reject);
    req.once('close', () => signal.removeEventListener('abort', giveUp));
    req.end();
  });
}
