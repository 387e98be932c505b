import fc from 'fast-check';

/**
 * Laws are tried on the same cases in every run, so that a change is judged by what it changed. `FC_SEED=random npm test`
 * looks for new ones; a number repeats the run that reported it.
 */
const wanted = process.env.FC_SEED ?? '20261121';
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });
