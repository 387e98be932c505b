import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Hex } from '../lib/facts.ts';
import { type GovernanceKind, PART_OF } from '../lib/governanceFacts.ts';
import type { GovernanceRow } from '../lib/governanceRow.ts';
import * as fields from './fields.ts';

/** More would be a catalogue, not a community's bot. */
const MAX_ROWS = 50;

const NETWORK = /^[a-z][a-z0-9-]{1,29}$/;

const seconds = (fallback: number) =>
  z
    .int('expected whole seconds')
    .min(1)
    .max(86_400)
    .default(fallback)
    .transform((value) => value * 1000);

const named = {
  network: z.string().regex(NETWORK, 'expected a name of lower-case letters, digits and hyphens'),
  title: z.string().trim().min(1).max(60).optional(),
};

const onChain = {
  ...named,
  rpcUrls: z.array(fields.httpUrl).min(1, 'expected at least one URL'),
  chainId: z.int().min(1),
  startBlock: z.int().min(0).transform(BigInt),
  confirmations: z.int().min(1).max(1_000).default(5),
};

const row = z.discriminatedUnion('kind', [
  z.strictObject({
    ...onChain,
    kind: z.literal('ve-season'),
    escrow: fields.address,
    token: fields.address.nullable().default(null),
    intervalSeconds: seconds(60),
  }),
  z.strictObject({
    ...onChain,
    kind: z.literal('curve'),
    escrow: fields.address,
    controller: fields.address,
    intervalSeconds: seconds(300),
  }),
  z.strictObject({
    ...onChain,
    kind: z.literal('governor'),
    governor: fields.address,
    token: fields.address.nullable().default(null),
    intervalSeconds: seconds(60),
  }),
  z.strictObject({
    ...named,
    kind: z.literal('snapshot'),
    space: z.string().regex(/^[\w.:-]{3,80}$/, 'expected a space like example.eth'),
    api: fields.apiRoot.default('https://hub.snapshot.org/graphql'),
    apiKey: z.string().min(8).nullable().default(null),
    intervalSeconds: seconds(60),
  }),
  z.strictObject({
    ...named,
    kind: z.literal('holders'),
    api: fields.apiRoot,
    token: fields.address,
    symbol: z.string().regex(/^[\w.$-]{1,12}$/, 'expected a symbol like OPG'),
    exclude: z.record(fields.address, z.string().max(60)).default({}),
    limit: z.int().min(1).max(10_000).default(1_000),
    intervalSeconds: seconds(3_600),
  }),
]);

type Parsed = z.infer<typeof row>;

/** The rows of GOVERNANCE_SOURCES: JSON, or `file:` and the path of a file with it. A message names the row and the key, never a value. */
export const governanceRows = z.string().transform((text, context): GovernanceRow[] => {
  const fail = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  let json: unknown;
  try {
    json = JSON.parse(text.startsWith('file:') ? readFileSync(text.slice('file:'.length), 'utf8') : text);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'it is not JSON';
    return fail(`expected a JSON list of rows, or file: and the path of one (${why})`);
  }
  if (!Array.isArray(json)) return fail('expected a JSON list of rows: [{"kind": "snapshot", …}]');
  if (json.length > MAX_ROWS) return fail(`expected at most ${MAX_ROWS} rows`);
  const rows: GovernanceRow[] = [];
  const problems: string[] = [];
  const seen = new Set<string>();
  json.forEach((one: unknown, at) => {
    const parsed = row.safeParse(one);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      problems.push(`row ${at + 1}, ${issue?.path.join('.') || 'as a whole'}: ${issue?.message ?? 'not readable'}`);
      return;
    }
    const key = sourceOf(parsed.data);
    if (seen.has(key)) problems.push(`row ${at + 1}: there is another row for ${key}`);
    seen.add(key);
    rows.push(rowOf(parsed.data));
  });
  return problems.length === 0 ? rows : fail(problems.join('; '));
});

const sourceOf = ({ network, kind }: { network: string; kind: Exclude<GovernanceKind, 'cosmos' | 'validators'> }) =>
  `${network}.${PART_OF[kind]}`;

function rowOf({ intervalSeconds, title, ...rest }: Parsed): GovernanceRow {
  const words = title ?? rest.network.replace(/^./, (letter) => letter.toUpperCase());
  return { ...rest, title: words, intervalMs: intervalSeconds } as GovernanceRow & { exclude: Record<Hex, string> };
}
