/** RFC 6455 §9.1: the grammar of Sec-WebSocket-Extensions. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatExtensionList, parseExtensionList, parseTokenList } from '../../src/handshake/headers.ts';

/** `foo; a=1` as `['foo', ['a', '1']]`. */
function read(text: string) {
  return parseExtensionList(text)?.map(({ name, parameters }) => [
    name,
    ...parameters.map((parameter) => [parameter.name, parameter.value]),
  ]);
}

describe('§9.1 Negotiating Extensions', () => {
  it('reads the RFC’s examples', () => {
    assert.deepEqual(read('foo'), [['foo']]);
    assert.deepEqual(read('bar; baz=2'), [['bar', ['baz', '2']]]);
    assert.deepEqual(read('foo, bar; baz=2'), [['foo'], ['bar', ['baz', '2']]]);
    assert.deepEqual(read('deflate-stream'), [['deflate-stream']]);
    assert.deepEqual(read('mux; max-channels=4; flow-control, deflate-stream'), [
      ['mux', ['max-channels', '4'], ['flow-control', undefined]],
      ['deflate-stream'],
    ]);
    assert.deepEqual(read('private-extension'), [['private-extension']]);
  });

  it('reads a quoted value as what it stands for', () => {
    assert.deepEqual(read('foo; a="1"'), [['foo', ['a', '1']]]);
    assert.deepEqual(read('foo; a="\\1\\2"; b="c"'), [['foo', ['a', '12'], ['b', 'c']]]);
  });

  it('refuses a quoted value that is no token once it is unquoted', () => {
    for (const value of [
      '""',
      '" "',
      '"a b"',
      '"a,b"',
      '"a;b"',
      '"\\""',
      '"a',
      '"a\\"',
      'a"b"',
      '"a"b',
      '"\xe9"',
    ]) {
      assert.equal(read(`foo; a=${value}`), undefined, value);
    }
  });

  it('does not split a list inside quotes', () => {
    assert.equal(read('foo; a="1, bar; b=2"'), undefined);
  });

  it('keeps the order, and parameters and extensions that come twice', () => {
    assert.deepEqual(read('b; x; x=1, a, b'), [['b', ['x', undefined], ['x', '1']], ['a'], ['b']]);
  });

  it('takes white space around the parts, and empty elements of the list', () => {
    assert.deepEqual(read(' \tfoo\t; a = 1 ;b , bar '), [['foo', ['a', '1'], ['b', undefined]], ['bar']]);
    assert.deepEqual(read(', foo ,, bar,'), [['foo'], ['bar']]);
  });

  it('refuses what does not follow the grammar', () => {
    for (const text of [
      '',
      ' ',
      ',',
      ', ,',
      ';',
      '=',
      'foo;',
      'foo; ;a',
      'foo; =1',
      'foo; a=',
      'foo; a==1',
    ]) {
      assert.equal(read(text), undefined, JSON.stringify(text));
    }
    for (const text of [
      'foo bar',
      'foo; a b',
      '"foo"',
      'foo/1',
      'foo\0',
      'f\xf6o',
      'foo; a=1 2',
      'foo; a=b=c',
    ]) {
      assert.equal(read(text), undefined, JSON.stringify(text));
    }
  });

  it('reads back what it writes', () => {
    const plain = { noNullPrototype: true };
    const token = fc.string({ unit: fc.constantFrom(...'ab-_.1!#$%&*+^`|~'), minLength: 1, maxLength: 5 });
    const parameter = fc.record({ name: token, value: fc.option(token, { nil: undefined }) }, plain);
    const extension = fc.record({ name: token, parameters: fc.array(parameter, { maxLength: 3 }) }, plain);
    const lists = fc.array(extension, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(lists, (list) => assert.deepEqual(parseExtensionList(formatExtensionList(list)), list)),
    );
  });

  it('reads a list of tokens, with the same white space and empty elements', () => {
    assert.deepEqual(parseTokenList('a'), ['a']);
    assert.deepEqual(parseTokenList(' a ,\tb,, c,'), ['a', 'b', 'c']);
    for (const text of ['', ',', 'a b', 'a;b', '"a"', 'a,"b"']) assert.equal(parseTokenList(text), undefined);
  });

  describe('reads 64 KiB in one pass', () => {
    const long = 64 * 1024;
    for (const [name, text, expected] of [
      ['spaces', ' '.repeat(long), undefined],
      ['tabs between two tokens', `a${'\t'.repeat(long)}b`, undefined],
      ['commas', ','.repeat(long), undefined],
      ['commas with spaces, and a token', `${', '.repeat(long / 2)}a`, 1],
      ['semicolons', `a${';'.repeat(long)}`, undefined],
      ['an open quote', `a; b="${'c'.repeat(long)}`, undefined],
      ['quotes', `a; b=${'"'.repeat(long)}`, undefined],
      ['backslashes', `a; b="${'\\'.repeat(long)}`, undefined],
      ['escaped quotes', `a; b="${'\\"'.repeat(long / 2)}`, undefined],
      ['one token', 'a'.repeat(long), 1],
      ['one quoted token', `a; b="${'c'.repeat(long)}"`, 1],
      ['tokens', 'a,'.repeat(long / 2), long / 2],
      ['parameters', `a${';b'.repeat(long / 2)}`, 1],
    ] as const) {
      it(name, () => {
        assert.equal(parseExtensionList(text)?.length, expected);
      });
    }
  });
});
