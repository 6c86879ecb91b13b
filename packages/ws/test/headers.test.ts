/** The functions that read and write the handshake's list headers, for those who have such a header themselves. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { extension, subprotocol } from '@hawser/ws';

describe('extension.parse', () => {
  it('gives each extension with its offers, and each parameter with its values', () => {
    assert.deepEqual(plain(extension.parse('foo; a; b=1; a="2", toString ,\tfoo')), {
      foo: [{ a: [true, '2'], b: ['1'] }, {}],
      toString: [{}],
    });
  });

  it('unquotes what is quoted', () => {
    assert.deepEqual(plain(extension.parse('foo;a="b\\c"')), { foo: [{ a: ['bc'] }] });
  });

  for (const [header, index] of [
    [' foo', 0],
    ['foo,,', 4],
    ['foo bar', 4],
    ['foo;=', 4],
    ['foo;a =1', 6],
    ['foo;a= 1', 6],
    ['foo;a==', 6],
    ['foo;a=""', 7],
    ['foo;a="b c"', 8],
    ['foo;a="b"c', 9],
    ['foo;a=b"c"', 7],
    ['bar, foo;a=b@', 12],
  ] as const) {
    it(`says that the ${index + 1}. character of ${header} is wrong`, () => {
      const message = `Unexpected character at index ${index}`;
      assert.throws(() => extension.parse(header), { name: 'SyntaxError', message });
    });
  }

  for (const header of ['', 'foo ', 'foo,', 'foo;', 'foo;a=', 'foo;a="b', 'foo;a="b\\']) {
    it(`says that ${JSON.stringify(header)} is not complete`, () => {
      assert.throws(() => extension.parse(header), {
        name: 'SyntaxError',
        message: 'Unexpected end of input',
      });
    });
  }
});

describe('extension.format', () => {
  it('writes what was parsed, and values that are not in lists', () => {
    const header = 'foo; a; a=2; b=1, foo, bar; c';
    assert.equal(extension.format(extension.parse(header)), header);
    assert.equal(extension.format({ foo: { a: true, b: 10 } }), 'foo; a; b=10');
  });
});

describe('subprotocol.parse', () => {
  it('gives the subprotocols in order', () => {
    assert.deepEqual([...subprotocol.parse('b , a,\tc')], ['b', 'a', 'c']);
  });

  it('refuses what is malformed, not complete, or there twice', () => {
    for (const [header, message] of [
      ['a,,b', 'Unexpected character at index 2'],
      ['a@b', 'Unexpected character at index 1'],
      ['a,', 'Unexpected end of input'],
      ['a ', 'Unexpected end of input'],
      ['a,b,a', 'The "a" subprotocol is duplicated'],
    ] as const) {
      assert.throws(() => subprotocol.parse(header), { name: 'SyntaxError', message });
    }
  });
});

/** The same with the prototypes that literals have. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
