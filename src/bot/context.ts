import type { Rule } from '../alerts/rule.ts';
import type { NodeThresholds } from '../insight/nodeHealth.ts';
import type { ProofThresholds } from '../insight/proofLabels.ts';
import type { ModelThresholds } from '../insight/registrationQueue.ts';
import type { Clock } from '../lib/clock.ts';
import type { DeliveryOutcome, OutgoingMessage } from '../lib/delivery.ts';
import type { GovernanceNetwork } from '../lib/governanceNetwork.ts';
import type { CheckProof } from '../lib/proofFacts.ts';
import type { Store } from '../store/store.ts';

/** What commands work with. They read the store and nothing else; `checkProof` alone asks the network, and says so. */
export interface BotContext {
  store: Store;
  clock: Clock;
  /** At least 0, below 1, and not to be guessed: one-time codes are made of it. */
  random(): number;
  version: string;
  thresholds: NodeThresholds;
  proofThresholds: ProofThresholds;
  modelThresholds: ModelThresholds;
  /** Which sources are configured: what is not is unknown for that reason. */
  configured: { hub: boolean; storage: boolean; use: boolean; facilitator: boolean; payments: boolean };
  /** Networks whose governance can be asked for; what is not configured is there without origins. */
  governance: readonly GovernanceNetwork[];
  checkProof: CheckProof;
  /** Every rule there is (`alerts/registry.ts`). */
  rules: readonly Rule[];
  /** Sends a message at once, outside the queue (`/alerts test`). */
  sendNow(message: OutgoingMessage): Promise<DeliveryOutcome>;
}
