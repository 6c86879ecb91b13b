import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keepIn } from '../web/storage.ts';

describe('keepIn', () => {
  it('keeps texts for as long as the page when the browser has no storage for it', () => {
    const storage = keepIn(() => {
      throw new DOMException('Denied', 'SecurityError');
    });
    assert.equal(storage.read('name'), undefined);
    storage.write('name', 'Ana');
    assert.equal(storage.read('name'), 'Ana');
  });

  it('sees what another tab has written', () => {
    const shared = new Map<string, string>();
    const browserStorage: Storage = {
      length: 0,
      clear: () => shared.clear(),
      getItem: (key) => shared.get(key) ?? null,
      key: () => null,
      removeItem: (key) => void shared.delete(key),
      setItem: (key, text) => void shared.set(key, text),
    };
    const [one, other] = [keepIn(() => browserStorage), keepIn(() => browserStorage)];
    one.write('name', 'Ana');
    other.write('name', 'Anna');
    assert.equal(one.read('name'), 'Anna');
  });
});
