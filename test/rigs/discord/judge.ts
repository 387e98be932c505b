import * as spec from 'discord-api-spec/zod';

interface Schema {
  safeParse(value: unknown): { success: boolean; error?: { issues: { path: PropertyKey[]; message: string }[] } };
}

const schemas = spec as unknown as Record<string, Schema>;

const RULES: [method: string, path: RegExp, schema: string, isList?: boolean][] = [
  ['POST', /^\/channels\/\d+\/messages$/, 'MessageCreateRequestSchema'],
  ['PATCH', /^\/channels\/\d+\/messages\/\d+$/, 'MessageEditRequestPartialSchema'],
  ['PUT', /^\/applications\/\d+\/commands$/, 'ApplicationCommandUpdateRequestSchema', true],
  ['POST', /^\/webhooks\/\d+\/[^/]+$/, 'IncomingWebhookInteractionRequestSchema'],
  ['PATCH', /^\/webhooks\/\d+\/[^/]+\/messages\/(@original|\d+)$/, 'IncomingWebhookUpdateRequestPartialSchema'],
];

const CALLBACKS: Record<number, string> = {
  4: 'CreateMessageInteractionCallbackRequestSchema',
  5: 'CreateMessageInteractionCallbackRequestSchema',
  6: 'UpdateMessageInteractionCallbackRequestSchema',
  7: 'UpdateMessageInteractionCallbackRequestSchema',
};

/** What Discord would say against a request body: its own schemas first, then the rules that they leave out. */
export function judge(method: string, path: string, body: unknown): string[] {
  if (body === null || body === undefined) return [];
  const rule = RULES.find(([verb, pattern]) => verb === method && pattern.test(path));
  const callback = /^\/interactions\/\d+\/[^/]+\/callback$/.test(path)
    ? CALLBACKS[(body as { type: number }).type]
    : undefined;
  const name = rule?.[2] ?? callback;
  const found: string[] = [];
  if (name !== undefined) {
    const schema = schemas[name];
    if (schema === undefined) throw new Error(`discord-api-spec has no ${name}`);
    for (const one of rule?.[3] ? (body as unknown[]) : [body]) {
      const result = schema.safeParse(one);
      if (!result.success)
        found.push(
          `${name}: ${result.error?.issues
            .slice(0, 3)
            .map((issue) => `${issue.path.join('.')} ${issue.message}`)
            .join('; ')}`,
        );
    }
  }
  return [...found, ...handRules((body as { data?: unknown }).data ?? body)].map(
    (text) => `${method} ${path}: ${text}`,
  );
}

interface Message {
  content?: string;
  embeds?: {
    title?: string;
    description?: string;
    footer?: { text: string };
    fields?: { name: string; value: string }[];
  }[];
  components?: { components: { custom_id?: string; label?: string }[] }[];
}

function handRules(body: unknown): string[] {
  const { content = '', embeds = [], components = [] } = (body ?? {}) as Message;
  const found: string[] = [];
  const limit = (what: string, length: number, max: number): void => {
    if (length > max) found.push(`${what} has ${length}, the limit is ${max}`);
  };
  limit('content', content?.length ?? 0, 2000);
  let total = 0;
  for (const { title = '', description = '', footer, fields = [] } of embeds ?? []) {
    limit('embed title', title.length, 256);
    limit('embed description', description.length, 4096);
    limit('embed fields', fields.length, 25);
    total += title.length + description.length + (footer?.text.length ?? 0);
    for (const { name, value } of fields) total += name.length + value.length;
  }
  limit('all embeds together', total, 6000);
  const ids = (components ?? []).flatMap((row) => row.components.map(({ custom_id }) => custom_id ?? ''));
  limit('rows', components?.length ?? 0, 5);
  for (const row of components ?? []) limit('buttons in a row', row.components.length, 5);
  for (const id of ids) limit('custom_id', id.length, 100);
  if (new Set(ids).size !== ids.length) found.push('two buttons share a custom_id');
  return found;
}
