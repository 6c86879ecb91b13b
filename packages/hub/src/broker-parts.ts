/** The entry point for those who build a broker: what all brokers share, so that they count and tell alike. */

export type { Clock } from './clock.ts';
export { systemClock } from './clock.ts';
export { Listeners } from './listeners.ts';
export { checkReading, checkRetention, type PublicationSize, sizeOf } from './publication-size.ts';
export { type FillRandom, randomText } from './random-text.ts';
