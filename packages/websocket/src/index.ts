/** The public face of the Node client and server. */

export type { CancelTimer, Clock } from './clock.ts';
