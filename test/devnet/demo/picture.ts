import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shown } from '../../rigs/discord/rig.ts';
import { discordText } from './chats.ts';

/** An answer as it reads in Discord, its picture kept under that name in that folder. */
export function withPicture(shown: Shown, folder: string, name: string): string {
  const [picture] = shown.files;
  if (picture === undefined) return discordText(shown);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, picture.content);
  return `${discordText(shown)}\nThe picture is in ${path}`;
}
