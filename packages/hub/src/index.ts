/** The public face of the hub. */

export type { Position } from '@hawser/wire';
export type * from './broker.ts';
export type { Transport } from './transport.ts';
