/** The entry point for those who keep a client's state across a reload. */

export type { ClientStorage, KeptPublication, StorageHost } from './client-storage.ts';
export { type TextPlace, type TextStorageOptions, textStorage } from './text-storage.ts';
export { webStorage } from './web-storage.ts';
