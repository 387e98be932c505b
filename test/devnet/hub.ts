import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type HubFault = 'error' | 'busy' | 'html' | 'hang' | 'not-json' | 'wrong-shape' | 'nulls';

export interface HubFile {
  name: string;
  blobId: string;
  size?: number;
}

export interface HubVersion {
  version: string;
  notes?: string;
  files: HubFile[];
}

export interface HubModel {
  author: string;
  name: string;
  task?: string;
  description?: string;
  tags?: string[];
  /** In the order in which the hub shows them. */
  versions: HubVersion[];
  /** Unix ms; shown as createdAt where the hub dates things. */
  createdAtMs: number;
  /** Further fields, as they are. */
  extra?: Record<string, unknown>;
}

const MODELS = /^\/api\/v0\/models\/?$/;
const MODEL = /^\/api\/v0\/models\/([^/]+)$/;
const FILES = /^\/api\/v0\/models\/([^/]+)\/versions\/([^/]+)\/files$/;

export type DevHub = Awaited<ReturnType<typeof startHub>>;

/** The model hub's public API as an HTTP server: `url` is what OG_HUB_URL must say. */
export async function startHub() {
  const models: HubModel[] = [];
  const requests: string[] = [];
  const state = {
    fault: null as HubFault | null,
    /** `{models: […]}` instead of a bare array. */
    wrapped: false,
    /** Files only with a login. */
    filesNeedLogin: false,
    /** Versions come with their files in the detail. */
    filesInDetail: false,
    /** createdAt is shown. */
    dated: false,
    retryAfterSeconds: 30,
  };

  const find = (name: string, author: string | null): HubModel | undefined =>
    models.find((one) => one.name === name && (author === null || one.author === author));
  const known = (author: string, name: string): HubModel => {
    const model = find(name, author);
    if (model === undefined) throw new Error(`the hub has no ${author}/${name}`);
    return model;
  };
  const date = (createdAtMs: number): object => (state.dated ? { createdAt: new Date(createdAtMs).toISOString() } : {});

  const entry = (model: HubModel): object => ({
    name: model.name,
    authorUsername: model.author,
    ...(model.task === undefined ? {} : { taskName: model.task }),
    ...(model.description === undefined ? {} : { description: model.description }),
    tags: model.tags ?? [],
    ...date(model.createdAtMs),
    ...model.extra,
  });
  const file = ({ name, blobId, size }: HubFile): object => ({
    name,
    ipfsCid: blobId,
    ...(size === undefined ? {} : { size }),
  });
  const detail = (model: HubModel): object => ({
    ...entry(model),
    versions: model.versions.map(({ version, notes, files }) => ({
      version,
      notes: notes ?? null,
      ...(state.filesInDetail ? { files: files.map(file) } : {}),
    })),
  });

  function answer(url: URL): { status: number; body: unknown } {
    const missing = { status: 404, body: { error: 'Not Found' } };
    if (MODELS.test(url.pathname)) {
      const page = Number(url.searchParams.get('page') ?? 0);
      const limit = Number(url.searchParams.get('limit') ?? 100);
      const list = models.slice(page * limit, (page + 1) * limit).map(entry);
      return { status: 200, body: state.wrapped ? { models: list } : list };
    }
    const author = url.searchParams.get('authorUsername');
    const [, name, version] = (FILES.exec(url.pathname) ?? MODEL.exec(url.pathname) ?? []).map(decodeURIComponent);
    const model = name === undefined ? undefined : find(name, author);
    if (version === undefined) return model === undefined ? missing : { status: 200, body: detail(model) };
    if (state.filesNeedLogin) return { status: 401, body: { error: 'Unauthorized' } };
    const found = model?.versions.find((one) => one.version === version);
    return found === undefined ? missing : { status: 200, body: found.files.map(file) };
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push(request.url ?? '/');
    const json = (status: number, text: string, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(text);
    };
    switch (state.fault) {
      case 'hang':
        return;
      case 'error':
        return json(500, '{"error":"Internal Server Error"}');
      case 'busy':
        return json(429, '{"error":"Too Many Requests"}', { 'retry-after': String(state.retryAfterSeconds) });
      case 'html':
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<html><h1>Sign in</h1></html>');
        return;
      case 'not-json':
        return json(200, '[{"name":"cut');
      case 'wrong-shape':
        return json(200, '{"models":"many","name":7,"versions":{"a":1}}');
      case 'nulls':
        return json(200, '[null,{"name":null},{"authorUsername":{}},7,"x"]');
      case null: {
        const { status, body } = answer(new URL(request.url ?? '/', 'http://localhost'));
        return json(status, JSON.stringify(body));
      }
    }
  });
  await new Promise<void>((done, refuse) => {
    server.once('error', refuse);
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v0`,
    models,
    requests,
    state,
    /** Lists a model; by default with one version 1.00 of these files. Texts go out as they are, hostile ones too. */
    publish(
      author: string,
      name: string,
      about: Partial<Omit<HubModel, 'author' | 'name'>> & { files?: HubFile[] } = {},
    ): HubModel {
      const { files = [], versions = [{ version: '1.00', files }], createdAtMs = Date.now(), ...rest } = about;
      const model: HubModel = { author, name, versions, createdAtMs, ...rest };
      models.push(model);
      return model;
    },
    addVersion(author: string, name: string, version: HubVersion): void {
      known(author, name).versions.push(version);
    },
    remove(author: string, name: string): void {
      models.splice(models.indexOf(known(author, name)), 1);
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}
