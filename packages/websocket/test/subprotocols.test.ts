/** RFC 6455 §1.9, §4.2.2: the server chooses one of the subprotocols that the client offers. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Subprotocols } from '../src/index.ts';
import { handshake, RawClient, type Response } from './raw-client.ts';
import { ServerDiary } from './server-diary.ts';
import { startServer } from './servers.ts';

describe('subprotocols', () => {
  it('of a list the first that the client offers is chosen, whatever the order of the list', async (t) => {
    const { response, chosen } = await offer(t, ['chat.v1', 'chat.v2'], 'chat.v3, chat.v2, chat.v1');
    assert.equal(response.headers.get('sec-websocket-protocol'), 'chat.v2');
    assert.deepEqual(chosen, ['chat.v2']);
  });

  it('none is chosen if none is shared, and the connection opens without', async (t) => {
    const { response, chosen } = await offer(t, ['chat.v1'], 'soap');
    assert.equal(response.status, 101);
    assert.equal(response.headers.has('sec-websocket-protocol'), false);
    assert.deepEqual(chosen, [undefined]);
  });

  it('none is chosen if the server speaks none, or the client offers none', async (t) => {
    assert.deepEqual((await offer(t, undefined, 'soap')).chosen, [undefined]);
    assert.deepEqual((await offer(t, ['soap'], undefined)).chosen, [undefined]);
  });

  it('names are compared with their case', async (t) => {
    assert.deepEqual((await offer(t, ['soap'], 'SOAP')).chosen, [undefined]);
  });

  it('a function chooses, and sees the request', async (t) => {
    const seen: string[] = [];
    const last: Subprotocols = (offered, request) => {
      seen.push(`${request.pathname} ${offered.join()}`);
      return offered.at(-1);
    };
    const { chosen } = await offer(t, last, 'soap, wamp');
    assert.deepEqual(chosen, ['wamp']);
    assert.deepEqual(seen, ['/ soap,wamp']);
  });

  it('a function may choose none', async (t) => {
    const { response } = await offer(t, () => undefined, 'soap');
    assert.equal(response.status, 101);
    assert.equal(response.headers.has('sec-websocket-protocol'), false);
  });

  it('a function that chooses what was not offered refuses with 500, and the server hears why', async (t) => {
    const { response, refused } = await offer(t, () => 'wamp', 'soap');
    assert.equal(response.status, 500);
    assert.equal(
      refused?.message,
      'Expected subprotocols(offered) to return one of those offered, or undefined, received "wamp"',
    );
  });

  it('an offer that is no list of distinct tokens is refused with 400', async (t) => {
    for (const offered of ['soap, soap', 'so ap', '', 'soap;', '"soap"']) {
      const { response } = await offer(t, ['soap'], offered);
      assert.equal(response.status, 400, offered);
    }
  });
});

async function offer(
  t: TestContext,
  subprotocols: Subprotocols | undefined,
  offered: string | undefined,
): Promise<{ response: Response; chosen: (string | undefined)[]; refused: Error | undefined }> {
  const diary = new ServerDiary();
  const chosen: (string | undefined)[] = [];
  const { place } = await startServer(t, {
    ...diary.handlers,
    ...(subprotocols && { subprotocols }),
    open: (peer) => {
      chosen.push(peer.subprotocol);
    },
  });
  const client = RawClient.to(place).send(handshake({ 'Sec-WebSocket-Protocol': offered }));
  return { response: await client.response(), chosen, refused: diary.errors[0] };
}
