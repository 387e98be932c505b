import { expect, test } from 'vitest';
import { Breaker } from '../../src/alerts/breaker.ts';

/** How often it trips when it is refused at these seconds. */
const trips = (seconds: readonly number[]): number => {
  const breaker = new Breaker();
  return seconds.filter((second) => breaker.refused(second * 1000)).length;
};

const many = (count: number, everySeconds: number): number[] =>
  Array.from({ length: count }, (_, index) => index * everySeconds);

test('thirty refusals in a minute are let pass, one more is too many', () => {
  expect(trips(many(30, 1))).toBe(0);
  expect(trips(many(31, 1))).toBe(1);
});

test('as many over a longer time are not', () => {
  expect(trips(many(1_000, 2.1))).toBe(0);
});

test('it trips once, and after that only when there are as many again', () => {
  expect(trips(many(61, 0.1))).toBe(1);
  expect(trips(many(62, 0.1))).toBe(2);
});

test('a clock that is set back does not make it stick', () => {
  const future = many(30, 0.1).map((second) => second + 100_000);
  expect(trips([...future, ...many(30, 1)])).toBe(0);
});
