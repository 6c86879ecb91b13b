/** A server's opening handshake without its socket, and the hash in it. */
import { createHash } from 'node:crypto';
import {
  acceptKey,
  checkRequest,
  createAcceptance,
  defaultLimits,
  formatResponseHead,
  HeadCollector,
  parseRequestHead,
} from '../../packages/protocol/dist/index.js';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** What a browser sends. */
const request = Buffer.from(
  [
    'GET /chat HTTP/1.1',
    'Host: chat.example.com',
    'Connection: Upgrade',
    'Pragma: no-cache',
    'Cache-Control: no-cache',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
    'Upgrade: websocket',
    'Origin: https://chat.example.com',
    'Sec-WebSocket-Version: 13',
    'Accept-Encoding: gzip, deflate, br, zstd',
    'Accept-Language: en-GB,en;q=0.9',
    `Sec-WebSocket-Key: ${KEY}`,
    'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
    '',
    '',
  ].join('\r\n'),
);

export const group = {
  name: 'handshake',
  cases: [
    { name: 'request to response', run: answer },
    { name: 'accept key', run: () => acceptKey(KEY) },
    {
      name: 'accept key, node:crypto',
      run: () =>
        createHash('sha1')
          .update(KEY + GUID)
          .digest('base64'),
    },
  ],
};

function answer() {
  const { head } = new HeadCollector(defaultLimits).push(request);
  const { key } = checkRequest(parseRequestHead(head, defaultLimits));
  return formatResponseHead(createAcceptance({ key }));
}
