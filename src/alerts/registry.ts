import type { NodeThresholds } from '../insight/nodeHealth.ts';
import { defaultProofThresholds, type ProofThresholds } from '../insight/proofLabels.ts';
import { defaultModelThresholds, type ModelThresholds } from '../insight/registrationQueue.ts';
import { HUB_SOURCE, STORAGE_SOURCE, USE_SOURCE } from '../lib/modelFacts.ts';
import { FACILITATOR_SOURCE, PAYMENT_SOURCE } from '../lib/proofFacts.ts';
import type { Rule } from './rule.ts';
import { modelLate } from './rules/modelLate.ts';
import { modelListed } from './rules/modelListed.ts';
import { modelQueue } from './rules/modelQueue.ts';
import { modelUnlisted } from './rules/modelUnlisted.ts';
import { modelUnreadable } from './rules/modelUnreadable.ts';
import { modelVersion } from './rules/modelVersion.ts';
import { nodeCertificate } from './rules/nodeCertificate.ts';
import { nodeDisabled } from './rules/nodeDisabled.ts';
import { nodeHeartbeat } from './rules/nodeHeartbeat.ts';
import { nodePcrRevoked } from './rules/nodePcrRevoked.ts';
import { ownerDown } from './rules/ownerDown.ts';
import { proofDelay } from './rules/proofDelay.ts';
import { proofParty } from './rules/proofParty.ts';
import { proofRoot } from './rules/proofRoot.ts';
import { proofSignature } from './rules/proofSignature.ts';
import { proofSilence } from './rules/proofSilence.ts';
import { proofStopped } from './rules/proofStopped.ts';
import { proofUnsigned } from './rules/proofUnsigned.ts';
import { sourceModels } from './rules/sourceModels.ts';
import { sourceProofs } from './rules/sourceProofs.ts';
import { sourceRegistry } from './rules/sourceRegistry.ts';
import { watchExpired, watchExpiring } from './rules/watchExpiring.ts';
import { watchInvalid } from './rules/watchInvalid.ts';
import { watchLate } from './rules/watchLate.ts';
import { watchSettled } from './rules/watchSettled.ts';

/** What rules are made with. */
export interface RuleOptions {
  thresholds: NodeThresholds;
  sourceNoticeAfterMs: number;
  /** The usual ones where absent. */
  proofThresholds?: ProofThresholds;
  modelThresholds?: ModelThresholds;
  /** What is configured; absent: every source, and no list of who may settle. */
  opengradient?: {
    hubUrl: unknown;
    aggregatorUrls: readonly unknown[];
    inferenceAddresses: readonly unknown[];
    scheduler: unknown;
    facilitatorUrl: unknown;
    payments: unknown;
    settlementSenders: readonly string[];
    settlementRelays: readonly string[];
  };
}

/** Every rule there is, the larger incidents before those they speak for. A new one is a file in `rules/` and a line here. */
export function createRules(options: RuleOptions): Rule[] {
  const { thresholds, sourceNoticeAfterMs, opengradient } = options;
  const { modelThresholds = defaultModelThresholds, proofThresholds = defaultProofThresholds } = options;
  const isAsked = askedSources(opengradient);
  return [
    sourceRegistry({ noticeAfterMs: sourceNoticeAfterMs }),
    ownerDown(thresholds),
    nodePcrRevoked,
    nodeDisabled,
    nodeCertificate(thresholds),
    nodeHeartbeat(thresholds),
    sourceModels(sourceNoticeAfterMs, isAsked),
    modelQueue(modelThresholds),
    modelLate(modelThresholds),
    modelUnreadable,
    modelUnlisted,
    modelVersion,
    modelListed,
    sourceProofs(sourceNoticeAfterMs, isAsked),
    proofSilence(proofThresholds),
    proofRoot,
    proofSignature,
    proofDelay(proofThresholds),
    proofUnsigned(proofThresholds),
    proofStopped(proofThresholds),
    proofParty({ senders: opengradient?.settlementSenders ?? [], relays: opengradient?.settlementRelays ?? [] }),
    watchExpiring(proofThresholds),
    watchExpired(proofThresholds),
    watchLate(proofThresholds),
    watchInvalid(proofThresholds),
    watchSettled(proofThresholds),
  ];
}

/** Whether a source is asked at all: one that was turned off is not one that fails. */
function askedSources(config: RuleOptions['opengradient']): (source: string) => boolean {
  if (config === undefined) return () => true;
  const { hubUrl, aggregatorUrls, inferenceAddresses, scheduler, facilitatorUrl, payments } = config;
  const off = new Map([
    [HUB_SOURCE, hubUrl === null],
    [STORAGE_SOURCE, aggregatorUrls.length === 0],
    [USE_SOURCE, inferenceAddresses.length === 0 && scheduler === null],
    [FACILITATOR_SOURCE, facilitatorUrl === null],
    [PAYMENT_SOURCE, payments === null],
  ]);
  return (source) => off.get(source) !== true;
}
