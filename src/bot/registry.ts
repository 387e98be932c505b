import type { Command } from './command.ts';
import { about } from './commands/about.ts';
import { alertsAck } from './commands/alertsAck.ts';
import { alertsAdd } from './commands/alertsAdd.ts';
import { alertsDigest } from './commands/alertsDigest.ts';
import { alertsEdit } from './commands/alertsEdit.ts';
import { alertsExport } from './commands/alertsExport.ts';
import { alertsHistory } from './commands/alertsHistory.ts';
import { alertsImport } from './commands/alertsImport.ts';
import { alertsList } from './commands/alertsList.ts';
import { alertsMute } from './commands/alertsMute.ts';
import { alertsPause } from './commands/alertsPause.ts';
import { alertsRemove } from './commands/alertsRemove.ts';
import { alertsRules } from './commands/alertsRules.ts';
import { alertsSettings } from './commands/alertsSettings.ts';
import { alertsSetup } from './commands/alertsSetup.ts';
import { alertsSnooze } from './commands/alertsSnooze.ts';
import { alertsTest } from './commands/alertsTest.ts';
import { alertsUnmute } from './commands/alertsUnmute.ts';
import { govEpoch } from './commands/govEpoch.ts';
import { govGauge } from './commands/govGauge.ts';
import { govGauges } from './commands/govGauges.ts';
import { govParticipation } from './commands/govParticipation.ts';
import { govProposal } from './commands/govProposal.ts';
import { govProposals } from './commands/govProposals.ts';
import { govValidators } from './commands/govValidators.ts';
import { govVoter } from './commands/govVoter.ts';
import { helpCommand } from './commands/help.ts';
import { influenceCompare } from './commands/influenceCompare.ts';
import { influenceShow } from './commands/influenceShow.ts';
import { influenceTrend } from './commands/influenceTrend.ts';
import { influenceWhatif } from './commands/influenceWhatif.ts';
import { link } from './commands/link.ts';
import { modelDoctor } from './commands/modelDoctor.ts';
import { modelLineage } from './commands/modelLineage.ts';
import { modelList } from './commands/modelList.ts';
import { modelQueue } from './commands/modelQueue.ts';
import { modelStatus } from './commands/modelStatus.ts';
import { modelWatch } from './commands/modelWatch.ts';
import { network } from './commands/network.ts';
import { nodeHistory } from './commands/nodeHistory.ts';
import { nodeList } from './commands/nodeList.ts';
import { nodeStatus } from './commands/nodeStatus.ts';
import { privacyForget } from './commands/privacyForget.ts';
import { privacyShow } from './commands/privacyShow.ts';
import { proofCheck } from './commands/proofCheck.ts';
import { proofDelay } from './commands/proofDelay.ts';
import { proofExposure } from './commands/proofExposure.ts';
import { proofNode } from './commands/proofNode.ts';
import { proofWatch } from './commands/proofWatch.ts';
import { usageCommand } from './commands/usage.ts';

/** Every command there is: drives Discord's registration, Telegram's menu, /help, the terminal and the README. */
export const commands: readonly Command[] = [
  network,
  nodeList,
  nodeStatus,
  nodeHistory,
  modelStatus,
  modelList,
  modelLineage,
  modelDoctor,
  modelQueue,
  modelWatch,
  proofDelay,
  proofExposure,
  proofCheck,
  proofWatch,
  proofNode,
  usageCommand,
  govProposals,
  govProposal,
  govParticipation,
  govVoter,
  govGauges,
  govGauge,
  govEpoch,
  govValidators,
  influenceShow,
  influenceTrend,
  influenceCompare,
  influenceWhatif,
  alertsSetup,
  alertsAdd,
  alertsList,
  alertsEdit,
  alertsRemove,
  alertsPause,
  alertsMute,
  alertsUnmute,
  alertsHistory,
  alertsRules,
  alertsDigest,
  alertsSettings,
  alertsExport,
  alertsImport,
  alertsTest,
  alertsAck,
  alertsSnooze,
  link,
  privacyShow,
  privacyForget,
  helpCommand(() => commands),
  about,
];
