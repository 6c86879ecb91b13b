/** docs/wire.md, "Channels". */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { isChannelName, namespaceOf } from '@hawser/wire';
import fc from 'fast-check';
import { channelNames } from './arbitraries.ts';

describe('names of channels', () => {
  it('may be in any language', () => {
    for (const name of [
      'room:lobby',
      'room:Wohnzimmer Süd',
      'a-b_c:語',
      'room:🙂',
      'doc:a:b:c',
      'x:/path?q=1#h',
    ]) {
      assert.ok(isChannelName(name), name);
    }
  });

  it('are as long in bytes as UTF-8 makes them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 60, maxLength: 260 }), (text) => {
        const name = `n:${text.replace(/[*\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, '_')}`;
        assert.equal(isChannelName(name), Buffer.byteLength(name) <= 255);
      }),
    );
  });

  it('have their namespace before the first colon', () => {
    assert.equal(namespaceOf('doc:a:b'), 'doc');
    fc.assert(
      fc.property(channelNames, (name) => {
        assert.ok(isChannelName(name));
        assert.match(namespaceOf(name), /^[\w-]+$/);
        assert.ok(name.startsWith(`${namespaceOf(name)}:`));
      }),
    );
  });
});
