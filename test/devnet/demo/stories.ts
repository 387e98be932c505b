import type { DevNetwork } from '../network.ts';
import type { Upload } from '../uploads.ts';
import { type Chats, type Heard, telegramText } from './chats.ts';
import { bold, indent, type Say } from './screen.ts';

interface Stage {
  network: DevNetwork;
  chats: Chats;
}

function tell(say: Say, { discord, telegram, afterMs }: Heard): void {
  say(`${bold('Discord channel heard')}  (after ${(afterMs / 1000).toFixed(1)} s)`);
  say(indent(discord));
  say(bold('Telegram chat heard'));
  say(indent(telegram));
}

/** An upload that storage has and the hub does not list, until it does. */
export async function modelStory({ network, chats }: Stage, upload: Upload, say: Say): Promise<void> {
  const late = chats.heard(/Registration late/);
  say(`\n${bold(`>> The model “${upload.name}” stays stored and unlisted.`)}`);
  tell(say, await late);
  const listed = Promise.all([chats.heard(/Registration done/), chats.heard(/New model/)]);
  network.uploads.release(upload);
  say(`\n${bold('>> The hub lists it after all.')}`);
  for (const heard of await listed) tell(say, heard);
}

/** A node that falls silent, until it is back. */
export async function nodeStory({ network, chats }: Stage, say: Say): Promise<void> {
  const late = chats.heard(/Heartbeat late/);
  say(`\n${bold('>> The node “cedar” gives no answers and no heartbeats.')}`);
  const heard = await late;
  tell(say, heard);
  const graver = await chats.telegramEdited(heard.message, /missed/);
  chats.press(graver, 'Acknowledge');
  const acknowledged = await chats.telegramEdited(graver, /Acknowledged by/);
  say(`\n${bold('By now the same message says “missed”, and Ann presses [Acknowledge] below it in Telegram')}`);
  say(indent(telegramText(acknowledged)));
  const back = chats.heard(/Node is back/);
  await network.returnNode('cedar');
  say(`\n${bold('>> “cedar” is started again.')}`);
  tell(say, await back);
}

/** An answer that is visible and not settled, until it is. */
export async function proofStory({ network, chats }: Stage, say: Say): Promise<void> {
  const late = chats.heard(/Proof late/);
  say(`\n${bold('>> The answer of “birch” stays visible and unproven: batches are due after 15 minutes at most.')}`);
  tell(say, await late);
  const proven = chats.heard(/Proven after/);
  network.facilitator.state.holdBatches = false;
  say(`\n${bold('>> The batch with it is settled after all.')}`);
  tell(say, await proven);
}
