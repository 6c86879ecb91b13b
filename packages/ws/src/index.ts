/** The public face: what `require('ws')` and `import … from 'ws'` give. */

export { CloseEvent, ErrorEvent, Event, MessageEvent } from './events.ts';
export { extension } from './extension.ts';
export { PerMessageDeflate } from './per-message-deflate.ts';
export { Receiver } from './receiver.ts';
export { Sender } from './sender.ts';
export { WebSocketServer } from './server.ts';
// biome-ignore lint/style/noDefaultExport: `import WebSocket from 'ws'` is how the package is used.
export { WebSocket, WebSocket as default, WebSocket as 'module.exports' } from './statics.ts';
export { createWebSocketStream } from './stream.ts';
export { subprotocol } from './subprotocol.ts';
