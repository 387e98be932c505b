import type { Hex } from '../../lib/facts.ts';
import type { Gauge } from '../../lib/gaugeFacts.ts';
import { cleanText } from '../../lib/units.ts';
import type { VeViews } from './contracts.ts';

/** More are not read: the voter's admin could add any number. */
const MAX_GAUGES = 2_000;
/** Metadata is a URI, which is never fetched. */
export const MAX_GAUGE_TEXT = 300;

/** Gauges of a voter with the votes that it counts for them; null when it does not list them. */
export async function readGaugeList(
  views: VeViews,
  voter: Hex | null,
): Promise<{ gauges: Gauge[]; missing: string[] } | null> {
  const [all] = await views.all([{ to: voter, name: 'getAllGauges' }]);
  if (all == null) return null;
  const addresses = [...new Set(all.slice(0, MAX_GAUGES).map((address) => address.toLowerCase() as Hex))];
  const [records, votes] = await Promise.all([
    views.all(addresses.map((gauge) => ({ to: voter, name: 'getGauge', args: [gauge] }))),
    views.all(addresses.map((gauge) => ({ to: voter, name: 'gaugeVotes', args: [gauge] }))),
  ]);
  const gauges: Gauge[] = [];
  for (const [index, address] of addresses.entries()) {
    const record = records[index] ?? null;
    const votesWei = votes[index] ?? null;
    if (record === null || votesWei === null) continue;
    const { active, created, metadataURI } = record;
    gauges.push({
      address,
      active,
      createdAtSeconds: created > 0n && created < 2n ** 32n ? Number(created) : null,
      text: cleanText(metadataURI.slice(0, MAX_GAUGE_TEXT * 4), MAX_GAUGE_TEXT) || null,
      votesWei,
    });
  }
  const missing: string[] = [];
  const unread = addresses.length - gauges.length;
  if (unread > 0) missing.push(`${unread} of ${addresses.length} gauges could not be read: they are left out.`);
  if (all.length > MAX_GAUGES)
    missing.push(`There are ${all.length} gauges, of which the first ${MAX_GAUGES} were read.`);
  return { gauges, missing };
}
