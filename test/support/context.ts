import type { BotContext } from '../../src/bot/context.ts';
import { defaultProofThresholds } from '../../src/insight/proofLabels.ts';
import { defaultModelThresholds } from '../../src/insight/registrationQueue.ts';

/** What a bot's context holds of models and proofs where a test asks for neither: everything configured, no proof is found. */
export const contextDefaults: Pick<BotContext, 'modelThresholds' | 'proofThresholds' | 'configured' | 'checkProof'> = {
  modelThresholds: defaultModelThresholds,
  proofThresholds: defaultProofThresholds,
  configured: { hub: true, storage: true, use: true, facilitator: true, payments: true },
  checkProof: async (subject) => ({
    subject: subject.kind === 'hash' ? `hash ${subject.hash}` : `blob ${subject.blobId}`,
    steps: [],
    verdict: 'not found',
    ...{ leaves: null, settledAtSeconds: null, delaySeconds: null, mode: null, txHash: null },
    sources: ['a check that asks nobody'],
  }),
};
