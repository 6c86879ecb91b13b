/**
 * A client's storage in the browser, one for each tab.
 */

import type { ClientStorage } from './client-storage.ts';
import { type TextStorageOptions, textStorage } from './text-storage.ts';

interface StorageArea {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
}

/** Web Locks, as far as they are used here. */
interface Locks {
  request(
    name: string,
    options: { readonly ifAvailable: true },
    callback: (lock: object | null) => Promise<void> | undefined,
  ): Promise<unknown>;
}

interface WebGlobals {
  readonly localStorage?: StorageArea;
  readonly sessionStorage?: StorageArea;
  readonly navigator?: { readonly locks?: Locks };
}

const web: WebGlobals & typeof globalThis = globalThis;

/** How many tabs of one application keep something of their own; in any more, a reload forgets. */
const MAX_TABS = 32;

/**
 * Keeps a client's state in `localStorage`, for each tab under a key of its own: the first that no other tab holds, going
 * by Web Locks. So tabs do not disturb each other, and what a closed tab left is taken up by the next one that is opened.
 * Where there are no Web Locks (outside of https:), `sessionStorage` is used, which is the tab's own by nature.
 *
 * Every script of the page's origin can read what is kept. Make one for each client of a page, and once.
 */
export function webStorage(name: string, options: TextStorageOptions = {}): ClientStorage {
  const locks = web.navigator?.locks;
  const area = locks ? web.localStorage : web.sessionStorage;
  let key = locks ? undefined : name;
  const claimed = locks && claimKey(locks, name).then((free) => (key = free));
  const place = {
    async read() {
      await claimed;
      return (key !== undefined && area?.getItem(key)) || null;
    },
    write(text: string) {
      if (key !== undefined) area?.setItem(key, text);
    },
  };
  return textStorage(place, options);
}

/** Holds the lock of the first free key until the page ends. */
async function claimKey(locks: Locks, name: string): Promise<string | undefined> {
  for (let tab = 0; tab < MAX_TABS; tab++) {
    const key = `${name}:${tab}`;
    if (await isMine(locks, key)) return key;
  }
  return undefined;
}

function isMine(locks: Locks, key: string): Promise<boolean> {
  return new Promise((resolve) => {
    void locks.request(key, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock ? new Promise(() => {}) : undefined;
    });
  });
}
