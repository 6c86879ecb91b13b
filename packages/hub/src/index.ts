/** The public face of the hub. */

export type { Position } from '@hawser/wire';
export type * from './broker.ts';
export { BrokerError, type BrokerErrorCode } from './broker-error.ts';
export { MemoryBroker, type MemoryBrokerOptions } from './memory-broker.ts';
export type { Transport } from './transport.ts';
