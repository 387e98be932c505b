import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApiError } from './apiError.ts';
import { readBody } from './body.ts';
import { botMethods, fileAt } from './botMethods.ts';
import { chatMethods } from './chatMethods.ts';
import type { Methods, Rig } from './context.ts';
import { editMethods } from './editMethods.ts';
import type { Fault, Faults } from './faults.ts';
import { sendMethods } from './sendMethods.ts';

const METHODS: Methods = { ...botMethods, ...chatMethods, ...sendMethods, ...editMethods };
const BY_NAME = new Map(Object.keys(METHODS).map((name) => [name.toLowerCase(), name]));

export interface RecordedCall {
  method: string;
  parameters: Record<string, unknown>;
  /** What was answered; null while it is open. */
  code: number | null;
}

interface ServerTools {
  rig: Rig;
  token: string;
  faults: Faults;
  calls: RecordedCall[];
  /** Something happened: waiting tests look again. */
  changed: () => void;
}

/** The Bot API over HTTP on loopback: `/bot<token>/<method>`. */
export async function serve(tools: ServerTools, port: number): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void answer(tools, request, response).catch(() => request.socket.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

async function answer(tools: ServerTools, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const file = /^\/file\/bot([^/]+)\/(.+)$/.exec(request.url ?? '');
  if (file !== null) return await handOut(tools, file[1] as string, file[2] as string, response);
  const gone = new Promise<void>((resolve) => response.once('close', () => resolve()));
  const [, token, name = ''] = /^\/bot([^/]+)\/([^/?]*)/.exec(request.url ?? '') ?? [];
  const method = BY_NAME.get(name.toLowerCase()) ?? name;
  const call: RecordedCall = { method, parameters: {}, code: null };
  const reply = (code: number, body: Record<string, unknown>, cut = false): void => {
    call.code = code;
    tools.changed();
    const text = JSON.stringify(body);
    response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    if (cut) response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
    else response.end(text);
  };
  const refuse = (error: ApiError): void =>
    reply(error.code, {
      ok: false,
      error_code: error.code,
      description: error.message,
      ...(error.parameters && { parameters: error.parameters }),
    });

  if (token === undefined) return refuse(new ApiError(404, 'Not Found'));
  if (!/^\d+:[\w-]+$/.test(token)) return refuse(new ApiError(404, 'Not Found'));
  if (token !== tools.token) return refuse(new ApiError(401, 'Unauthorized'));
  const run = METHODS[method];
  if (run === undefined) return refuse(new ApiError(404, 'Not Found'));

  tools.calls.push(call);
  try {
    const { parameters, files } = readBody(request.headers['content-type'] ?? '', Buffer.concat(chunks));
    call.parameters = parameters;
    tools.changed();
    const fault = tools.faults.take(method);
    if (await interrupts(fault, request)) return;
    const result = await run({ rig: tools.rig, parameters, files, gone });
    tools.changed();
    if (fault?.kind !== 'accept-and-hang') reply(200, { ok: true, result }, fault?.kind === 'accept-and-cut');
  } catch (error) {
    refuse(error instanceof ApiError ? error : new ApiError(500, `Internal Server Error: ${String(error)}`));
  }
}

/** A file that getFile named. Faults are injected under the name `file`. */
async function handOut(tools: ServerTools, token: string, path: string, response: ServerResponse): Promise<void> {
  const fault = tools.faults.take('file');
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'reset') {
    response.destroy();
    return;
  }
  const bytes = token === tools.token ? fileAt(tools.rig, path) : null;
  const code = fault?.kind === 'refuse' ? fault.code : bytes === null ? 404 : 200;
  response.writeHead(code, { ...(fault?.kind === 'refuse' && fault.location && { location: fault.location }) });
  response.end(code === 200 ? bytes : undefined);
}

/** Applies what a fault does before the method runs; true when there will be no answer. */
async function interrupts(fault: Fault | null, request: IncomingMessage): Promise<boolean> {
  if (fault?.kind === 'refuse') throw new ApiError(fault.code, fault.description, fault.parameters);
  if (fault?.kind === 'wait') await fault.until;
  if (fault?.kind === 'reset') request.socket.destroy();
  return fault?.kind === 'reset' || fault?.kind === 'hang';
}
