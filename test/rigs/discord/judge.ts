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
  8: 'ApplicationCommandAutocompleteCallbackRequestSchema',
};

/** What Discord would say against a request body: its own schemas first, then the rules that they leave out. */
export function judge(method: string, path: string, body: unknown, files: readonly { name: string }[] = []): string[] {
  if (body === null || body === undefined) return [];
  const rule = RULES.find(([verb, pattern]) => verb === method && pattern.test(path));
  const callback = /^\/interactions\/\d+\/[^/]+\/callback$/.test(path)
    ? CALLBACKS[(body as { type: number }).type]
    : undefined;
  const name = rule?.[2] ?? callback;
  const found: string[] = [];
  if (name === undefined) found.push('no schema is known for this body');
  else {
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
  return [...found, ...handRules((body as { data?: unknown }).data ?? body, files)].map(
    (text) => `${method} ${path}: ${text}`,
  );
}

interface Message {
  content?: string;
  allowed_mentions?: { parse?: unknown[]; users?: unknown[]; roles?: unknown[]; replied_user?: boolean };
  embeds?: {
    title?: string;
    description?: string;
    footer?: { text: string };
    fields?: { name: string; value: string }[];
    image?: { url: string };
  }[];
  components?: { components: { custom_id?: string; label?: string }[] }[];
  choices?: { name: string; value: string }[];
}

function handRules(body: unknown, files: readonly { name: string }[]): string[] {
  const message = (body ?? {}) as Message;
  const { content = '', embeds = [], components = [] } = message;
  const found: string[] = [];
  const limit = (what: string, length: number, max: number): void => {
    if (length > max) found.push(`${what} has ${length}, the limit is ${max}`);
  };
  limit('content', content?.length ?? 0, 2000);
  limit('embeds', embeds?.length ?? 0, 10);
  let total = 0;
  for (const { title = '', description = '', footer, fields = [] } of embeds ?? []) {
    limit('embed title', title.length, 256);
    limit('embed description', description.length, 4096);
    limit('embed footer', footer?.text.length ?? 0, 2048);
    limit('embed fields', fields.length, 25);
    if (footer?.text === '') found.push('an embed footer is empty');
    total += title.length + description.length + (footer?.text.length ?? 0);
    for (const { name, value } of fields) total += name.length + value.length;
  }
  limit('all embeds together', total, 6000);
  const ids = (components ?? []).flatMap((row) => row.components.map(({ custom_id }) => custom_id ?? ''));
  limit('rows', components?.length ?? 0, 5);
  for (const row of components ?? []) {
    limit('buttons in a row', row.components.length, 5);
    for (const { label = '' } of row.components) if (label.trim() === '') found.push('a button has no label');
  }
  for (const id of ids) limit('custom_id', id.length, 100);
  if (new Set(ids).size !== ids.length) found.push('two buttons share a custom_id');
  return [...found, ...mentions(message), ...pictures(message, files), ...choices(message)];
}

/** Discord would take it, we do not want it: a message may mention nobody, or the one whom it begins with. */
function mentions({ content, embeds, allowed_mentions: allowed }: Message): string[] {
  if (content === undefined && embeds === undefined) return [];
  const called = [
    ...(allowed?.roles ?? []).map((id) => `<@&${String(id)}>`),
    ...(allowed?.users ?? []).map((id) => `<@${String(id)}>`),
  ];
  const [only, ...others] = called;
  const nobodyElse = allowed?.parse?.length === 0 && !allowed.replied_user && others.length === 0;
  if (nobodyElse && (only === undefined || content === only || content?.startsWith(`${only}\n`))) return [];
  return [`allowed_mentions is not "nobody else" but ${JSON.stringify(allowed)}`];
}

function pictures({ embeds }: Message, files: readonly { name: string }[]): string[] {
  return (embeds ?? [])
    .flatMap(({ image }) => (image?.url.startsWith('attachment://') ? [image.url.slice('attachment://'.length)] : []))
    .filter((name) => !files.some((file) => file.name === name))
    .map((name) => `an embed shows ${name}, which is not attached`);
}

function choices({ choices: offered = [] }: Message): string[] {
  return offered.flatMap(({ name, value }) => [
    ...(name.trim() === '' || name.length > 100 ? [`a choice is called ${JSON.stringify(name)}`] : []),
    ...(value === '' || value.length > 100 ? [`a choice has the value ${JSON.stringify(value)}`] : []),
    ...(name.isWellFormed() && value.isWellFormed() ? [] : ['a choice holds half a character']),
  ]);
}
