import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maxTextLength } from '../contract/limits.ts';
import { checkText } from '../contract/text.ts';

describe('checkText', () => {
  const kept: readonly (readonly [typed: string, text: string])[] = [
    ['hello', 'hello'],
    ['\n \n  indented\n    more\n\n', '  indented\n    more'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['👩‍👩‍👧', '👩‍👩‍👧'],
    ['0', '0'],
  ];
  for (const [typed, text] of kept) {
    it(`makes ${JSON.stringify(text)} of ${JSON.stringify(typed)}`, () => {
      assert.deepEqual(checkText(typed), { ok: true, text });
    });
  }

  for (const typed of ['', ' \n\t ', '\u200b\ufeff', '\u0000']) {
    it(`takes ${JSON.stringify(typed)} for empty`, () => {
      const checked = checkText(typed);
      assert.ok(!checked.ok && checked.problem === 'empty');
    });
  }

  it('takes 10,000 characters, the longest text, and no longer one', () => {
    assert.equal(checkText('x'.repeat(10_000)).ok, true);
    assert.equal(checkText('x'.repeat(maxTextLength)).ok, true);
    const checked = checkText('x'.repeat(maxTextLength + 1));
    assert.ok(!checked.ok && checked.problem === 'too-long');
    assert.match(checked.reason, /at most 16000 characters, received 16001$/);
  });
});
