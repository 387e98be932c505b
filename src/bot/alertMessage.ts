import { incidentView } from '../alerts/incidentView.ts';
import { readFacts } from '../alerts/readFacts.ts';
import type { AlertFacts } from '../alerts/rule.ts';
import { toSeconds } from '../lib/clock.ts';
import type { View } from '../lib/view.ts';
import type { DeliveryPart, IncidentRecord } from '../store/store.ts';
import type { BotContext } from './context.ts';

/** What a message says now of the incidents it is about, each with what its chat has done about it. */
export async function partsOf(context: BotContext, incidents: readonly IncidentRecord[]): Promise<DeliveryPart[]> {
  const facts = await alertFacts(context);
  return incidents.map((incident): DeliveryPart => {
    const kind = incident.state === 'resolved' ? 'resolved' : 'fired';
    const rule = context.rules.find(({ id }) => id === incident.rule);
    const view = rule ? incidentView(rule, kind, incident, facts) : bareView(incident, facts.nowMs);
    return { view, incident, kind, notice: incident.notice };
  });
}

async function alertFacts(context: BotContext): Promise<AlertFacts> {
  const nowMs = context.clock.now();
  return await readFacts(context.store, context.thresholds, nowMs);
}

/** Of a rule that this version no longer has. */
const bareView = (incident: IncidentRecord, nowMs: number): View => ({
  title: `${incident.rule}: ${String(incident.detail.label ?? incident.subject)}`,
  tone: 'unknown',
  lines: [incident.state === 'resolved' ? 'It is over.' : `It is ${incident.level || 'on'}.`],
  asOf: toSeconds(nowMs),
  sources: ['this bot’s incidents'],
});
