import type { Command } from './command.ts';
import { about } from './commands/about.ts';
import { alertsAdd } from './commands/alertsAdd.ts';
import { alertsList } from './commands/alertsList.ts';
import { alertsRemove } from './commands/alertsRemove.ts';
import { alertsTest } from './commands/alertsTest.ts';
import { helpCommand } from './commands/help.ts';
import { network } from './commands/network.ts';
import { nodeHistory } from './commands/nodeHistory.ts';
import { nodeList } from './commands/nodeList.ts';
import { nodeStatus } from './commands/nodeStatus.ts';

/** Every command there is: drives Discord's registration, Telegram's menu, /help, the terminal and the README. */
export const commands: readonly Command[] = [
  network,
  nodeList,
  nodeStatus,
  nodeHistory,
  alertsAdd,
  alertsList,
  alertsRemove,
  alertsTest,
  helpCommand(() => commands),
  about,
];
