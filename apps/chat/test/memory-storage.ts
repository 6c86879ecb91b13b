/** A storage that a test can look into, and hand to the page that comes after a reload. */

import type { TextStorage } from '../web/storage.ts';

export class MemoryStorage implements TextStorage {
  readonly texts = new Map<string, string>();

  read(key: string): string | undefined {
    return this.texts.get(key);
  }

  write(key: string, text: string): void {
    this.texts.set(key, text);
  }
}
