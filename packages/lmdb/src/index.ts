/** The public face of the durable log. */

export type { Broker } from '@hawser/hub';
