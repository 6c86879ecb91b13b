/**
 * Who this browser is: the name that was chosen and the secret key by which the server knows the same person again, on another
 * tab or after a restart. Both are remembered for the next visit.
 */

import type { TextStorage } from './storage.ts';

export class Identity {
  readonly #storage: TextStorage;
  readonly key: string;

  constructor(storage: TextStorage, randomId: () => string) {
    this.#storage = storage;
    this.key = storage.read(keyName) ?? randomId();
    storage.write(keyName, this.key);
  }

  get name(): string | undefined {
    return this.#storage.read(nameName);
  }

  set name(name: string) {
    this.#storage.write(nameName, name);
  }
}

/** 128 random bits. `crypto.randomUUID` is missing on a page that came over plain HTTP from another machine. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const keyName = 'hawser.key';
const nameName = 'hawser.name';
