/**
 * A message to everybody in the room. It is encoded once, down to the frame on the wire, and every connection writes the same
 * bytes.
 */

import { PreparedMessage } from '@hawser/websocket';
import type { ServerMessage } from '../contract/messages.ts';
import { encodeServerMessage } from '../contract/server-message.ts';

export class Broadcast {
  readonly message: ServerMessage;
  readonly prepared: PreparedMessage;

  constructor(message: ServerMessage) {
    this.message = message;
    this.prepared = new PreparedMessage(encodeServerMessage(message));
  }
}
