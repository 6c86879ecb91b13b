/**
 * How a client speaks to a peer's server before and around its messages: plain WebSocket, what Socket.IO puts on top of
 * it (Engine.IO 4, Socket.IO 5), and our hub's, so that all carry the same load over raw sockets.
 */
import { createHash } from 'node:crypto';
import { encodeMessage, Opcode } from './frames.mjs';
import { greetSubscriber, SUBPROTOCOL } from './hub-messages.mjs';

const KEY = 'aGF3c2VyLWJlbmNoLW9uZQ==';
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const ACCEPT = createHash('sha1').update(`${KEY}${GUID}`).digest('base64');
/** Each message stands for itself, so that every answer to it is the same, and can be compared. */
const OFFER = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

const dialects = {
  websocket: {
    target: (path) => path,
    greeting: () => ({ bytes: Buffer.alloc(0), answers: 0 }),
    message: (_path, message) => [message],
  },
  'socket.io': {
    target: () => '/socket.io/?EIO=4&transport=websocket',
    /** Joins the namespace; the server answers with its own greeting and with the namespace's. */
    greeting: (path) => ({ bytes: encodeMessage(text(`40${path},`), false), answers: 2 }),
    message: (path, message) =>
      message.opcode === Opcode.Text ? textEvent(path, message) : binaryEvent(path, message),
  },
  /** What is published and what comes of it is not the same bytes: `hub-fan-out.mjs`. */
  'hawser.v1': { target: () => '/', subprotocol: SUBPROTOCOL, greeting: greetSubscriber },
};

/** How to open a connection, and which WebSocket messages a message becomes on it. */
export function createDialect({ name, port, path, compress }) {
  const { target, subprotocol, greeting, message } = dialects[name];
  const lines = [
    `GET ${target(path)} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${KEY}`,
    'Sec-WebSocket-Version: 13',
    ...(subprotocol ? [`Sec-WebSocket-Protocol: ${subprotocol}`] : []),
    ...(compress ? [`Sec-WebSocket-Extensions: ${OFFER}`] : []),
  ];
  return {
    request: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`),
    /** What a connection says first: `bytes`, to which so many `answers` come, which `check` may look at. */
    greet: () => greeting(path),
    wrap: (content) => message(path, content),
  };
}

/**
 * Checks a server's answer.
 *
 * @throws Error if it is no acceptance.
 */
export function checkResponse(head, compress) {
  if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`Expected a 101, received ${head.split('\r\n', 1)}`);
  if (!head.includes(ACCEPT)) throw new Error('Expected the answer to the key, received another one');
  const isCompressed = /^sec-websocket-extensions:.*permessage-deflate/im.test(head);
  if (isCompressed !== compress)
    throw new Error(`Expected compression to be ${compress ? 'accepted' : 'off'}`);
}

function text(content) {
  return { opcode: Opcode.Text, payload: Buffer.from(content, 'latin1') };
}

function textEvent(path, { payload }) {
  return [text(`42${path},${JSON.stringify(['message', Buffer.from(payload).toString('latin1')])}`)];
}

/** The event says where its bytes belong, which follow in a message of their own. */
function binaryEvent(path, message) {
  return [text(`451-${path},${JSON.stringify(['message', { _placeholder: true, num: 0 }])}`), message];
}
