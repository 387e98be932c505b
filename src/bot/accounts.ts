import type { PlatformName } from '../lib/delivery.ts';
import type { Caller } from './command.ts';

/** An account as the store names it: `platform:userId`. */
export const accountIdOf = ({ platform, userId }: Pick<Caller, 'platform' | 'userId'>): string =>
  `${platform}:${userId}`;

const APPS: Record<PlatformName, string> = { discord: 'Discord', telegram: 'Telegram', terminal: 'the terminal' };

/** An app as people call it. */
export const appName = (platform: PlatformName): string => APPS[platform];

/** `Discord account 4242` */
export function accountWords(accountId: string): string {
  const [platform = '', ...id] = accountId.split(':');
  return `${Object.hasOwn(APPS, platform) ? appName(platform as PlatformName) : platform} account ${id.join(':')}`;
}
