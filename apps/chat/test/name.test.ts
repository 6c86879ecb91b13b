import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maxNameLength } from '../contract/limits.ts';
import { checkName, foldName } from '../contract/name.ts';

describe('checkName', () => {
  const tidied: readonly (readonly [typed: string, name: string])[] = [
    ['Ana', 'Ana'],
    ['  Ana \t\n Lima ', 'Ana Lima'],
    ['e\u0301lodie', 'élodie'],
    ['김하늘', '김하늘'],
    ['Ana\u202e\u200b\u0007', 'Ana'],
    ['\ud800Ana', 'Ana'],
    ["Seán O'Neill-1", "Seán O'Neill-1"],
    ['می\u200cخواهم', 'می\u200cخواهم'],
  ];
  for (const [typed, name] of tidied) {
    it(`makes ${JSON.stringify(name)} of ${JSON.stringify(typed)}`, () => {
      assert.deepEqual(checkName(typed), { ok: true, name });
    });
  }

  for (const typed of ['', '   ', '\u200b\u2060', '...', '\u0000']) {
    it(`refuses ${JSON.stringify(typed)}, in which there is nothing to read`, () => {
      assert.equal(checkName(typed).ok, false);
    });
  }

  it('takes the longest name and refuses one that is longer', () => {
    assert.equal(checkName('a'.repeat(maxNameLength)).ok, true);
    assert.equal(checkName('a'.repeat(maxNameLength + 1)).ok, false);
  });

  it('refuses a huge name without working through all of it', () => {
    assert.equal(checkName(' a'.repeat(5_000_000)).ok, false);
  });
});

describe('foldName', () => {
  it('is the same for names that look the same', () => {
    assert.equal(foldName('ANA'), foldName('ana'));
    assert.equal(foldName('Ａｎａ'), foldName('Ana'));
    assert.notEqual(foldName('Ana'), foldName('Anna'));
  });
});
