import { defaultGovThresholds, type GovThresholds } from '../insight/govThresholds.ts';
import type { NodeThresholds } from '../insight/nodeHealth.ts';
import { defaultProofThresholds, type ProofThresholds } from '../insight/proofLabels.ts';
import { defaultModelThresholds, type ModelThresholds } from '../insight/registrationQueue.ts';
import type { GovernanceNetwork } from '../lib/governanceNetwork.ts';
import { HUB_SOURCE, STORAGE_SOURCE, USE_SOURCE } from '../lib/modelFacts.ts';
import { FACILITATOR_SOURCE, PAYMENT_SOURCE } from '../lib/proofFacts.ts';
import { govSources } from './govRule.ts';
import { REMINDER_STEPS } from './reminderSteps.ts';
import type { Rule } from './rule.ts';
import { govConcentration } from './rules/govConcentration.ts';
import { govEnds } from './rules/govEnds.ts';
import { govJailed } from './rules/govJailed.ts';
import { govLargeVote } from './rules/govLargeVote.ts';
import { govMissed } from './rules/govMissed.ts';
import { govParticipation } from './rules/govParticipation.ts';
import { govProposal } from './rules/govProposal.ts';
import { govQuorum } from './rules/govQuorum.ts';
import { govResult } from './rules/govResult.ts';
import { govSeason } from './rules/govSeason.ts';
import { govValidators } from './rules/govValidators.ts';
import { govWindow } from './rules/govWindow.ts';
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
import { sourceGovernance } from './rules/sourceGovernance.ts';
import { sourceModels } from './rules/sourceModels.ts';
import { sourceProofs } from './rules/sourceProofs.ts';
import { sourceRegistry } from './rules/sourceRegistry.ts';
import { voterEnds } from './rules/voterEnds.ts';
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
  govThresholds?: GovThresholds;
  /** Networks whose governance is read; absent: none. */
  networks?: readonly GovernanceNetwork[];
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
  const { govThresholds = defaultGovThresholds, networks = [] } = options;
  const isAsked = askedSources(opengradient);
  const sources = govSources(networks);
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
    sourceGovernance(sourceNoticeAfterMs, networks),
    govProposal(sources),
    ...REMINDER_STEPS.map((step) => govEnds(step, sources)),
    govQuorum(govThresholds, sources),
    govLargeVote(govThresholds, sources),
    govResult(sources),
    govJailed(sources),
    govMissed(govThresholds, sources),
    govValidators(sources),
    govWindow(sources),
    govSeason(sources),
    govParticipation(govThresholds, sources),
    govConcentration(govThresholds, networks),
    ...REMINDER_STEPS.map((step) => voterEnds(step, sources)),
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
