import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is answered: JSON of a value, bytes as they are, or whatever the function does. */
export type WebAnswer =
  | { status?: number; headers?: Record<string, string>; json: unknown }
  | { status?: number; headers?: Record<string, string>; body: string | Buffer }
  | ((response: ServerResponse) => void);

export interface WebServer {
  url: string;
  /** `GET /path?query`, in order. */
  asked: string[];
  close(): Promise<void>;
}

/** A real HTTP server that answers each request as a test says; no answer is 404. */
export async function startWebServer(
  answer: (path: string, method: string, request: IncomingMessage) => WebAnswer | undefined,
): Promise<WebServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { url: path = '/', method = 'GET' } = request;
    asked.push(`${method} ${path}`);
    const found = answer(path, method, request) ?? { status: 404, body: 'not found' };
    if (typeof found === 'function') {
      found(response);
      return;
    }
    const { status = 200, headers = {} } = found;
    const body = 'json' in found ? JSON.stringify(found.json) : found.body;
    response.writeHead(status, { 'content-type': 'json' in found ? 'application/json' : 'text/plain', ...headers });
    response.end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
