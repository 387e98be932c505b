import { AssayError } from '../lib/errors.ts';

/** Of one chat or topic: anybody may subscribe in a private chat, and `owner:` takes any address. */
export const MAX_SUBSCRIPTIONS = 50;

/** The chat has as many subscriptions as one may have; nothing was stored. */
export class SubscriptionLimit extends AssayError {
  constructor() {
    super(`a chat can have ${MAX_SUBSCRIPTIONS} alerts at most`);
    this.name = 'SubscriptionLimit';
  }
}
