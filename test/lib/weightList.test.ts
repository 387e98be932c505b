import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_LINE, MAX_ROWS, WeightReader } from '../../src/lib/weightList.ts';

function read(text: string | Uint8Array, cutEvery = Number.POSITIVE_INFINITY) {
  const reader = new WeightReader();
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let at = 0; at < bytes.length; at += cutEvery) reader.add(bytes.subarray(at, at + cutEvery));
  const list = reader.end();
  return { ...list, malformed: reader.malformed, malformedCount: reader.malformedCount };
}

const problems = (text: string) => read(text).malformed.map(({ line, problem }) => `${line}: ${problem}`);

test('any decimal, at one scale, exactly', () => {
  expect(read('a,1\nb,0.25\nc,1e3\nd,123456789012345678901234567890.5\n')).toMatchObject({
    weights: [100n, 25n, 100_000n, 12_345_678_901_234_567_890_123_456_789_050n],
    scale: 2,
    rows: 4,
    malformed: [],
  });
  expect(read('a,0.1\nb,0.2\nb,0.30').weights, 'no float is made of it').toEqual([1n, 5n]);
});

test('a header, blank lines, spaces, quotes, line ends of Windows, a byte order mark', () => {
  const text = '\uFEFFName , "Weight"\r\n\r\n  a b , 1 \r\n"c, ""inc""",2\r\n   \r\n"d","3"';
  expect(read(text)).toMatchObject({ weights: [1n, 2n, 3n], rows: 3, malformedCount: 0 });
  expect(problems('a,1\nname,weight'), 'a header is the first line').toEqual(['2: the weight is no decimal number']);
});

test('a name that comes again is merged, and so is said; zeros are counted', () => {
  expect(read('a,1\n"a",0.5\nb,0\n a ,2\nA,1')).toMatchObject({
    weights: [35n, 0n, 10n],
    scale: 1,
    rows: 5,
    merged: 2,
    zeros: 1,
  });
});

test('what is malformed is named with its line', () => {
  const text = [
    'a',
    ',1',
    'a,',
    'a,-1',
    'a,NaN',
    'a,Infinity',
    'a,0x1',
    'a,1,2',
    'a,"1,000"',
    '"a,1',
    '"a"b,1',
    '""," 1"',
  ];
  expect(problems(text.join('\n'))).toEqual([
    '1: there is no comma',
    '2: the name is empty',
    '3: the weight is no decimal number',
    '4: the weight is negative',
    '5: the weight is no decimal number',
    '6: the weight is no decimal number',
    '7: the weight is no decimal number',
    '8: there are more than two fields',
    '9: the weight is no decimal number',
    '10: a quote is not closed',
    '11: there is something after a closing quote',
    '12: the name is empty',
  ]);
  const many = read('x\n'.repeat(50));
  expect([many.malformed.length, many.malformedCount]).toEqual([20, 50]);
});

test('a line without an end, or too long', () => {
  const long = 'x'.repeat(MAX_LINE);
  const at = (text: string) => read(text, 1_000).malformed;
  expect(at(`a,1\n${long}x,1\nb,2\n`)).toEqual([{ line: 2, problem: `longer than ${MAX_LINE} bytes` }]);
  expect(at(`a,1\n${long}${long}`)).toEqual([{ line: 2, problem: `longer than ${MAX_LINE} bytes` }]);
  expect(read(`${long.slice(2)},1`, 999)).toMatchObject({ weights: [1n], malformedCount: 0 });
  expect(read('')).toEqual({ weights: [], scale: 0, rows: 0, merged: 0, zeros: 0, malformed: [], malformedCount: 0 });
});

test('a million rows and no more', () => {
  const { rows, weights, malformed } = read('a,1\n'.repeat(MAX_ROWS + 2));
  expect([rows, weights]).toEqual([1_000_000, [1_000_000n]]);
  expect(malformed).toEqual([
    { line: 1_000_001, problem: 'more than 1000000 rows' },
    { line: 1_000_002, problem: 'more than 1000000 rows' },
  ]);
});

test('names are bytes: what is no text is told apart all the same', () => {
  const bytes = Uint8Array.of(0xff, 0x2c, 0x31, 0x0a, 0xfe, 0x2c, 0x31, 0x0a);
  expect(read(bytes).weights).toEqual([1n, 1n]);
});

test('wherever the stream is cut, it is the same list', () => {
  const line = fc.oneof(
    fc
      .tuple(fc.constantFrom('a', 'b', '"c,d"', 'é'), fc.constantFrom('1', '0.5', '1e2', '0'))
      .map((two) => two.join(',')),
    fc.constantFrom('', 'x', 'a,b', '"a,1', 'a,1\r'),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.integer({ min: 1, max: 7 }), fc.boolean(), (lines, cut, ends) => {
      const text = lines.join('\n') + (ends ? '\n' : '');
      expect(read(text, cut)).toEqual(read(text));
    }),
  );
});
