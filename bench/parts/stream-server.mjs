/** Sends every message back while it arrives. */
import { serve } from './serve.mjs';

await serve({ stream: (peer, message) => peer.sendStream(message, { type: message.type }) });
