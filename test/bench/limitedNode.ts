import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** As og-evm (server/config: LogsCap). */
const MAX_LOGS = 10_000;
const REFUSAL = { code: -32_000, message: `more than ${MAX_LOGS} results` };

/** In front of a node that lists any number of logs: one that refuses as the network's own does. Bytes pass unread. */
export async function startLimitedNode(target: string) {
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const body = await buffer(request);
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(target, { method: 'POST', headers, body });
      const bytes = Buffer.from(await answer.arrayBuffer());
      const asked: unknown = body.includes('eth_getLogs') ? JSON.parse(body.toString()) : null;
      const isMuch = asked !== null && !Array.isArray(asked) && countOf(bytes, '"logIndex"') > MAX_LOGS;
      const { id } = (isMuch ? asked : {}) as { id?: number };
      response.writeHead(200, headers);
      response.end(isMuch ? JSON.stringify({ jsonrpc: '2.0', id, error: REFUSAL }) : bytes);
    };
    pass().catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close(): void {
      server.closeAllConnections();
      server.close();
    },
  };
}

function countOf(bytes: Buffer, word: string): number {
  let count = 0;
  for (let at = bytes.indexOf(word); at !== -1; at = bytes.indexOf(word, at + word.length)) count += 1;
  return count;
}
