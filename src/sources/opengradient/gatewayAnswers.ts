import { createPublicKey } from 'node:crypto';
import { keccak256 } from 'viem';
import { z } from 'zod';
import type { Hex } from '../../lib/facts.ts';
import { cleanText } from '../../lib/units.ts';

/** What a gateway's own answers mean. All of it is text from strangers: anything may be missing, absurd or a lie. */

const loose = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

const seconds = z.union([
  z.number().finite().nonnegative(),
  z.string().transform((text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text) / 1000)),
]);

const healthSchema = z.object({
  status: z.string().max(40),
  price_feed: loose(z.object({ last_success: loose(seconds) })),
});

const heartbeatSchema = z.object({
  tee_id: loose(z.string().max(80)),
  registry: loose(z.string().max(60)),
  total_errors: loose(z.number().int().nonnegative().max(1e9)),
  last_error: loose(z.string()),
});

const signingKeySchema = z.object({ public_key: z.string().max(8_192) });

export interface Health {
  ok: boolean;
  /** Unix seconds of the price feed's last success; null when it does not say. */
  priceAtSeconds: number | null;
}

/** The /health answer; null when it is not one. */
export function readHealth(body: Buffer): Health | null {
  const parsed = healthSchema.safeParse(parseJson(body));
  if (!parsed.success) return null;
  const last = parsed.data.price_feed?.last_success;
  const priceAtSeconds = last !== undefined && Number.isFinite(last) && last > 0 ? last : null;
  return { ok: parsed.data.status.toLowerCase() === 'ok', priceAtSeconds };
}

export interface HeartbeatStatus {
  errors: number | null;
  lastError: string | null;
  teeId: string | null;
  registry: string | null;
}

/** The /heartbeat/status answer; null when it is not one. */
export function readHeartbeatStatus(body: Buffer): HeartbeatStatus | null {
  const parsed = heartbeatSchema.safeParse(parseJson(body));
  if (!parsed.success) return null;
  const { tee_id: teeId, registry, total_errors: errors, last_error: lastError } = parsed.data;
  return {
    errors: errors ?? null,
    lastError: lastError ? cleanText(lastError, 160) : null,
    teeId: teeId?.toLowerCase() ?? null,
    registry: registry?.toLowerCase() ?? null,
  };
}

/** The node id that the served signing key stands for: keccak256 of its DER; null when there is no key to read. */
export function readSigningKeyId(body: Buffer): Hex | null {
  const parsed = signingKeySchema.safeParse(parseJson(body));
  if (!parsed.success) return null;
  try {
    const der = createPublicKey(parsed.data.public_key).export({ type: 'spki', format: 'der' });
    return keccak256(Uint8Array.from(der));
  } catch {
    return null;
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
