/** The public face of the durable log. */

export { LmdbBroker } from './lmdb-broker.ts';
export type { Durability, LmdbBrokerOptions } from './options.ts';
