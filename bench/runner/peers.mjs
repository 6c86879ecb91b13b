/** Who is measured: a server file each, what runs it, and what it can do. */

/**
 * `runtime` says which binary runs `servers/NAME.mjs`; `dialect` what stands on top of WebSocket; `deflates` whether
 * it compresses; `isRival` whether a quick run looks at it; `isHub` that it does nothing but what names it.
 */
export const peers = [
  { name: 'hawser', title: 'Hawser', runtime: 'node', dialect: 'websocket', deflates: true, isRival: true },
  {
    name: 'hawser-hub',
    title: 'Hawser hub',
    runtime: 'node',
    dialect: 'hawser.v1',
    deflates: true,
    isRival: true,
    isHub: true,
  },
  { name: 'hawser-ws', title: '@hawser/ws', runtime: 'node', dialect: 'websocket', deflates: true },
  {
    name: 'ws',
    title: 'ws + bufferutil',
    runtime: 'node',
    dialect: 'websocket',
    deflates: true,
    isRival: true,
  },
  { name: 'ws-without-bufferutil', title: 'ws', runtime: 'node', dialect: 'websocket', deflates: true },
  {
    name: 'uws',
    title: 'uWebSockets.js',
    runtime: 'node',
    dialect: 'websocket',
    deflates: true,
    isRival: true,
  },
  { name: 'bun', title: 'Bun', runtime: 'bun', dialect: 'websocket', deflates: true, isRival: true },
  { name: 'deno', title: 'Deno', runtime: 'deno', dialect: 'websocket', deflates: false },
  { name: 'faye-websocket', title: 'faye-websocket', runtime: 'node', dialect: 'websocket', deflates: true },
  { name: 'socket.io', title: 'Socket.IO', runtime: 'node', dialect: 'socket.io', deflates: true },
  { name: 'bare', title: 'bare Node', runtime: 'node', dialect: 'websocket', deflates: false, isRival: true },
  { name: 'undici', title: 'undici', isClientOnly: true },
];

/** What a peer is called. */
export function titleOf(name) {
  return peers.find((peer) => peer.name === name).title;
}

/** The one that all others are compared with, and the one that stands in its place where the workload is a hub's. */
export const ours = 'hawser';
export const ourHub = 'hawser-hub';

/** The one that others are compared with on this workload. */
export function ourPeerOf({ isForHub }) {
  return isForHub ? ourHub : ours;
}
