/** What tests publish. */
import type { LogEntry, Publication, ReadLimits, Retention } from '@hawser/hub';

export const keepAll: Retention = { messages: 1e9, bytes: 1e12, ageMs: 1e12 };
export const readAll: ReadLimits = { messages: 1e9, bytes: 1e12 };

export function message(content: string, more: Partial<Publication> = {}): Publication {
  return { content, at: Date.now(), ...more };
}

export function contentsOf(entries: readonly LogEntry[]): readonly unknown[] {
  return entries.map(({ content }) => content);
}
