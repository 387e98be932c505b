import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export type BlobFault =
  | 'missing'
  | 'error'
  /** Never answered. */
  | 'hang'
  /** A few bytes a second. */
  | 'drip'
  | 'redirect'
  /** Says more bytes than come. */
  | 'truncated'
  /** Says 1 GB, and sends bytes as long as somebody reads. */
  | 'huge'
  /** The same without saying how much. */
  | 'endless'
  /** HEAD is not allowed. */
  | 'no-head'
  /** Some other bytes, as many. */
  | 'wrong'
  | 'html';

type Content = Uint8Array | (() => Uint8Array);

/** The id that these bytes are stored under: 32 bytes as 43 characters. */
const blobIdOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');

const GIGABYTE = 1_073_741_824;
const PATH = /^\/v1\/blobs\/([^/?]+)/;

export type BlobStore = Awaited<ReturnType<typeof startBlobStore>>;

/** An HTTP server that answers as a Walrus aggregator. Several may serve the same `blobs`. */
export async function startBlobStore(blobs = new Map<string, Content>()) {
  const faults = new Map<string, BlobFault>();
  const requests: { method: string; blobId: string }[] = [];
  let fail: BlobFault | null = null;

  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const blobId = PATH.exec(request.url ?? '')?.[1];
    const method = request.method ?? 'GET';
    if (blobId === undefined || (method !== 'GET' && method !== 'HEAD')) return send(response, 404, 'text/plain', 'no');
    requests.push({ method, blobId });
    const fault = faults.get(blobId) ?? fail;
    const content = blobs.get(blobId);
    if (fault === 'error') return send(response, 500, 'application/json', '{"error":{"code":500}}');
    if (fault === 'hang') return;
    if (fault === 'no-head' && method === 'HEAD') return send(response, 405, 'text/plain', '');
    if (fault === 'redirect') {
      response.writeHead(302, { location: 'http://127.0.0.1:1/elsewhere' });
      response.end();
      return;
    }
    if (fault === 'html') return send(response, 200, 'text/html', '<html><h1>It works!</h1></html>');
    if (fault === 'huge') return await pour(response, method, { 'content-length': String(GIGABYTE) });
    if (fault === 'endless') return await pour(response, method, {});
    if (fault === 'missing' || content === undefined) {
      const error = { status: 'NOT_FOUND', code: 404, message: `the requested blob ID does not exist` };
      return send(response, 404, 'application/json', JSON.stringify({ error }));
    }
    const bytes = typeof content === 'function' ? content() : content;
    const headers = { 'content-type': 'application/octet-stream', etag: blobId };
    const length = String(bytes.length + (fault === 'truncated' ? 1_000 : 0));
    response.writeHead(200, { ...headers, 'content-length': length });
    if (method === 'HEAD') return void response.end();
    if (fault === 'drip') return await drip(response, bytes);
    if (fault === 'truncated') {
      response.write(bytes);
      await delay(50);
      response.destroy();
      return;
    }
    response.end(fault === 'wrong' ? new Uint8Array(bytes.length).fill(0x7b) : bytes);
  }

  await new Promise<void>((done, refuse) => {
    server.once('error', refuse);
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    blobs,
    /** Every request for a blob, in order. */
    requests,
    /** How often this blob was asked for; without an id, all. */
    count: (blobId?: string): number =>
      blobId === undefined ? requests.length : requests.filter((one) => one.blobId === blobId).length,
    put(bytes: Uint8Array | string): string {
      const stored = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
      const blobId = blobIdOf(stored);
      blobs.set(blobId, stored);
      return blobId;
    },
    /** Under an id of your own; a function is asked at each request. */
    serve: (blobId: string, content: Content): void => void blobs.set(blobId, content),
    remove: (blobId: string): boolean => blobs.delete(blobId),
    /** What this blob meets from now on; null: nothing. */
    setFault(blobId: string, fault: BlobFault | null): void {
      if (fault === null) faults.delete(blobId);
      else faults.set(blobId, fault);
    },
    /** What every blob meets from now on; null: nothing. */
    failAll(fault: BlobFault | null): void {
      fail = fault;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}

async function pour(response: ServerResponse, method: string, headers: Record<string, string>): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/octet-stream', ...headers });
  if (method === 'HEAD') return void response.end();
  const chunk = Buffer.alloc(65_536, 0x20);
  for (let sent = 0; sent < GIGABYTE && !response.destroyed; sent += chunk.length) {
    const more = response.write(chunk);
    await (more ? delay(0) : Promise.race([new Promise((done) => response.once('drain', done)), delay(500)]));
  }
  response.destroy();
}

async function drip(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length && !response.destroyed; at += 2) {
    response.write(bytes.subarray(at, at + 2));
    await delay(400, undefined, { ref: false });
  }
  response.end();
}
