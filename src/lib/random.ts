import { randomInt } from 'node:crypto';

/** As many values as `randomInt` takes at once. */
const STEPS = 2 ** 47;

/** Like Math.random, at least 0 and below 1, but not to be guessed from earlier numbers. */
export const secureRandom = (): number => randomInt(STEPS) / STEPS;
