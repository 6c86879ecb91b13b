/**
 * Tokens: a hub that knows its clients by signed tokens, which say what each may do.
 *
 *     npm run example examples/tokens.ts
 */
import { Client, HawserError } from '@hawser/client';
import { Hub, jsonWebTokens } from '@hawser/hub';
import { PreparedMessage, WebSocket, WebSocketServer } from '@hawser/websocket';
import { SignJWT } from 'jose';

// 32 bytes or more, from a generator: `openssl rand -base64 32`.
const secret = 'for an example, and for nothing else';

const hub = new Hub({
  prepare: (data) => new PreparedMessage(data),
  namespaces: { news: {} },
  authenticate: jsonWebTokens({ secret, audience: 'hub' }),
});
const server = new WebSocketServer(hub.serverOptions());
await server.listen({ port: 0, host: '127.0.0.1' });
const address = server.address();
const url = `ws://127.0.0.1:${typeof address === 'object' ? address.port : 0}/`;

/** What your server does for users who have signed in. */
function issueToken(user: string, actions: string[], key = secret): Promise<string> {
  return new SignJWT({ permissions: { channels: { 'news:*': actions } } })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(user)
    .setAudience('hub')
    .setIssuedAt()
    .setExpirationTime('15 minutes')
    .sign(new TextEncoder().encode(key));
}

// With a function, the client gets a new token before the old one ends. It never travels in the URL.
const editor = new Client(url, { WebSocket, token: () => issueToken('ann', ['publish', 'subscribe']) });
const reader = new Client(url, { WebSocket, token: () => issueToken('bob', ['subscribe']) });
const forger = new Client(url, {
  WebSocket,
  token: () => issueToken('ann', ['publish'], 'guessed'.repeat(5)),
});

for (const [name, client] of Object.entries({ editor, reader, forger })) {
  try {
    const { offset } = await client.channel('news:today').publish('The harbour is open again');
    console.log(`The ${name} published message ${offset}`);
  } catch (error) {
    console.log(`The ${name} may not publish: ${error instanceof HawserError ? error.code : error}`);
  }
}

// Whatever was issued to the user up to now ends here, on every server of the hub.
const ended = new Promise((resolve) => {
  editor.on('state', ({ status }) => status === 'closed' && resolve(status));
});
await hub.revoke({ user: 'ann' });
console.log(`The editor was revoked, and is ${await ended}`);

reader.close();
await hub.drain({ windowMs: 0 });
await server.close();
