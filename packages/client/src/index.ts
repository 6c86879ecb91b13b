/** The public face of the client. */

export { SUBPROTOCOL } from '@hawser/wire';
