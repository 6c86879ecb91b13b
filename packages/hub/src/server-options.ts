/**
 * What joins a hub to a server: its handlers, and the options that follow from the hub's. A `WebSocketServer` of
 * `@hawser/websocket` takes them as they are. Below: `connection.ts`; above: `hub.ts`.
 */

import { SUBPROTOCOL } from '@hawser/wire';
import type { Connection } from './connection.ts';
import type { Transport } from './transport.ts';

/** A connection as a server keeps it: `Peer` of `@hawser/websocket`. */
export interface HubPeer<Prepared, Request> extends Transport<Prepared> {
  readonly request: Request;
  data: Connection<Prepared, Request> | undefined;
}

/** What the hub wants of a server. */
export interface HubServerOptions<Prepared, Request> {
  readonly subprotocols: readonly string[];
  /** From here on a channel does not push; the largest message still fits into the outbound budget. */
  readonly highWaterMark: number;
  /** None: the hub hears of its clients by their own pings. */
  readonly heartbeatIntervalMs: number;
  open(peer: HubPeer<Prepared, Request>): void;
  message(peer: HubPeer<Prepared, Request>, message: string | Uint8Array): void;
  drain(peer: HubPeer<Prepared, Request>): void;
  close(peer: HubPeer<Prepared, Request>, status: { readonly code: number }): void;
}

/** Who takes connections: the hub. */
interface Acceptor<Prepared, Request> {
  readonly highWaterMark: number;
  open(transport: Transport<Prepared>, request: Request): Connection<Prepared, Request>;
}

const NORMAL_CLOSURE = 1000;

/** The options of a server whose connections go to the hub. */
export function serverOptionsFor<Prepared, Request>(
  hub: Acceptor<Prepared, Request>,
): HubServerOptions<Prepared, Request> {
  return {
    subprotocols: [SUBPROTOCOL],
    highWaterMark: hub.highWaterMark,
    heartbeatIntervalMs: 0,
    open: (peer) => {
      peer.data = hub.open(peer, peer.request);
    },
    message: (peer, message) => peer.data?.receive(message),
    drain: (peer) => peer.data?.drained(),
    close: (peer, { code }) => peer.data?.closed(code === NORMAL_CLOSURE ? 'left' : 'lost'),
  };
}
