import { plural } from '../../lib/units.ts';

/** `3 locks <what>`, or nothing where there are none. */
export const some = (count: number, noun: string, what: string): string =>
  count === 0 ? '' : `${plural(count, noun)} ${what}`;

/** `7 locks of 3 owners`, where one has several; else nothing. */
export const merged = (count: number, noun: string, owners: number, owner: string): string =>
  count > owners ? `${plural(count, noun)} of ${plural(owners, owner)}: each owner counts as one` : '';
