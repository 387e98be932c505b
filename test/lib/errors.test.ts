import { expect, test } from 'vitest';
import { AssayError, explain } from '../../src/lib/errors.ts';

test('an error says one thing to users and another to its operator', () => {
  const cause = new Error('ECONNREFUSED 127.0.0.1:8545');
  const error = new AssayError('the registry does not answer', { retryable: true, detail: 'eth_call failed', cause });
  expect(error.message).toBe('the registry does not answer');
  expect(error).toMatchObject({ name: 'AssayError', retryable: true, detail: 'eth_call failed', cause });
  expect(new AssayError('no')).toMatchObject({ retryable: false, detail: 'no' });
  expect(explain(error)).toBe('eth_call failed: ECONNREFUSED 127.0.0.1:8545');
});

test('a chain of causes is one line, without repeats, five steps deep', () => {
  const chain = ['a\n  b', 'c', 'c', 'd', 'e', 'f', 'g'].reduceRight<Error | undefined>(
    (cause, message) => new Error(message, { cause }),
    undefined,
  );
  expect(explain(chain)).toBe('a b: c: d: e');
});

test('causes that lead in a circle end', () => {
  const one = new Error('one');
  const two = new Error('two', { cause: one });
  one.cause = two;
  expect(explain(one)).toBe('one: two');
  const self = new Error('self');
  self.cause = self;
  expect(explain(self)).toBe('self');
});

test.each([
  ['text', 'text'],
  [undefined, ''],
  [null, ''],
  [42, '42'],
  [new Error(''), ''],
  [new Error('x', { cause: 'why' }), 'x: why'],
])('what is thrown may be anything', (thrown, words) => {
  expect(explain(thrown)).toBe(words);
});

test('a log line stays short', () => {
  expect(explain(new Error('x'.repeat(5_000)))).toHaveLength(600);
});
