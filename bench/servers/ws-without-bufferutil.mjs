/** The npm package `ws` without native code. */
import process from 'node:process';

process.env.WS_NO_BUFFER_UTIL = '1';
await import('./ws.mjs');
