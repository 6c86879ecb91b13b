/** Names the time since the machine was started: what was only buffered survives until the next one, and no longer. */

import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

const LINUX_BOOT_ID = '/proc/sys/kernel/random/boot_id';
/** Elsewhere the moment is computed, and is not the same to the second each time. */
const MINUTE_MS = 60_000;

/** Equal between two calls if the machine has run on, as far as can be told; never equal if it has not. */
export function bootId(now: number): string {
  try {
    return readFileSync(LINUX_BOOT_ID, 'utf8').trim();
  } catch {
    return `minute ${Math.round((now - uptime() * 1000) / MINUTE_MS)}`;
  }
}
