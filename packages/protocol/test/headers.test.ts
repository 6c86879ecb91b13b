/** RFC 9110 §5: header fields. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HttpHeaders, isToken } from '../src/index.ts';

describe('HttpHeaders', () => {
  it('finds a field by its name in any case and keeps how it was written', () => {
    const headers = new HttpHeaders([['X-One', 'a']]);
    assert.equal(headers.get('x-ONE'), 'a');
    assert.equal(headers.has('X-one'), true);
    assert.deepEqual([...headers], [['X-One', 'a']]);
  });

  it('joins several fields by a comma and keeps them apart', () => {
    const headers = new HttpHeaders([
      ['A', '1'],
      ['B', '2'],
      ['a', '3'],
    ]);
    assert.equal(headers.get('a'), '1, 3');
    assert.deepEqual(headers.getAll('A'), ['1', '3']);
    assert.deepEqual(
      [...headers].map(([name]) => name),
      ['A', 'B', 'a'],
    );
  });

  it('has nothing that nobody put there', () => {
    const headers = new HttpHeaders();
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
      assert.equal(headers.has(name), false);
      assert.equal(headers.get(name), undefined);
      assert.deepEqual(headers.getAll(name), []);
    }
  });

  it('takes the names of an object’s own parts as names like any other', () => {
    const headers = new HttpHeaders([
      ['__proto__', 'a'],
      ['Constructor', 'b'],
    ]);
    assert.equal(headers.get('__PROTO__'), 'a');
    assert.equal(headers.get('constructor'), 'b');
    assert.equal(Object.hasOwn(Object.prototype, 'a'), false);
  });

  it('takes names that are tokens and values without control characters', () => {
    const headers = new HttpHeaders();
    for (const name of ['', ' ', 'a b', 'a:', 'a\r\n', '\xe9', 'a\0']) {
      assert.throws(() => headers.append(name, 'value'), TypeError);
    }
    for (const value of ['a\r\nb', 'a\n', '\r', '\0', '\x7f', '\x1f', '€']) {
      assert.throws(() => headers.append('name', value), TypeError);
    }
    headers.append("!#$%&'*+-.^_`|~0aZ", 'a\tb \xff');
    assert.equal([...headers].length, 1);
  });
});

describe('isToken', () => {
  it('takes what RFC 9110 §5.6.2 takes, and nothing that delimits', () => {
    for (const text of ['a', '0', '!', 'permessage-deflate']) assert.equal(isToken(text), true);
    for (const text of ['', 'a\n', ...' \t"(),/:;<=>?@[\\]{}', '\x7f', 'é'])
      assert.equal(isToken(text), false);
  });
});
