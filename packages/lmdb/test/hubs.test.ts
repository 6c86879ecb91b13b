/** Hubs on one directory: what one of them decides holds in the others, and in those that begin later. */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Hub, type Transport } from '@hawser/hub';
import { LmdbBroker } from '@hawser/lmdb';
import { makeDirectory } from './directories.ts';

/** What a hub says, as far as it is looked at. */
interface ServerMessage {
  readonly type: string;
  readonly id?: number;
  readonly code?: string;
  readonly member?: { readonly user: string };
}

describe('a revocation', () => {
  it('holds in a process that begins after the one that revoked has ended', async (test) => {
    const directory = await makeDirectory();
    const first = await openHub(directory);
    assert.equal(typeOf(await connect(first.hub, 'stolen')), 'connected');
    await first.hub.revoke({ tokenId: 'stolen' });
    await first.end();
    const second = await openHub(directory, test);
    assert.equal(typeOf(await connect(second.hub, 'stolen')), 'error token-revoked');
    assert.equal(typeOf(await connect(second.hub, 'other')), 'connected');
  });

  it('ends a connection to another hub', async (test) => {
    const directory = await makeDirectory();
    const [here, there] = [await openHub(directory, test), await openHub(directory, test)];
    const client = new Client(there.hub);
    assert.equal(typeOf(await client.connect('stolen')), 'connected');
    await here.hub.revoke({ user: 'ann' });
    assert.equal(await client.closed, 4410);
  });
});

describe('presence', () => {
  it('is one for both hubs', async (test) => {
    const directory = await makeDirectory();
    const [here, there] = [await openHub(directory, test), await openHub(directory, test)];
    const [ann, bob] = [new Client(here.hub), new Client(there.hub)];
    await ann.connect('one', 'ann');
    await ann.ask({ type: 'subscribe', id: 2, channel: 'room:a' });
    await bob.connect('two', 'bob');
    await bob.ask({ type: 'subscribe', id: 2, channel: 'room:a' });
    await ann.until(({ type, member }) => type === 'join' && member?.user === 'bob');
    assert.deepEqual(here.hub.presence('room:a'), [{ user: 'ann' }, { user: 'bob' }]);
  });
});

/** A hub whose tokens say what they are called and of whom: `stolen ann`. */
async function openHub(directory: string, test?: TestContext) {
  const broker = await LmdbBroker.open({ directory, pollMs: 1 });
  const hub = new Hub<string | Uint8Array>({
    broker,
    prepare: (data) => data,
    namespaces: { room: { presence: true } },
    authenticate: ({ token = '' }) => {
      const [tokenId = '', user = ''] = token.split(' ');
      return { user, tokenId, permissions: { channels: { 'room:*': ['subscribe'] } } };
    },
  });
  const end = async (): Promise<void> => {
    await hub.drain({ windowMs: 0, closeTimeoutMs: 1 });
    await broker.close();
  };
  test?.after(end);
  return { hub, end };
}

function connect(hub: Hub<string | Uint8Array>, tokenId: string): Promise<ServerMessage> {
  return new Client(hub).connect(tokenId);
}

function typeOf(message: ServerMessage): string {
  return message.type === 'error' ? `error ${message.code}` : message.type;
}

/** A client beside the hub, without a socket. */
class Client implements Transport<string | Uint8Array> {
  readonly bufferedAmount = 0;
  /** The code with which the hub closes. */
  readonly closed: Promise<number>;
  readonly #connection: ReturnType<Hub<string | Uint8Array>['open']>;
  readonly #received: ServerMessage[] = [];
  #wake = (): void => undefined;
  #setClosed = (_: number): void => undefined;

  constructor(hub: Hub<string | Uint8Array>) {
    this.closed = new Promise((resolve) => {
      this.#setClosed = resolve;
    });
    this.#connection = hub.open(this, undefined);
  }

  connect(tokenId: string, user = 'ann'): Promise<ServerMessage> {
    return this.ask({ type: 'connect', id: 1, token: `${tokenId} ${user}` });
  }

  ask(command: {
    readonly type: string;
    readonly id: number;
    readonly [name: string]: unknown;
  }): Promise<ServerMessage> {
    this.#connection.receive(JSON.stringify(command));
    return this.until(({ id }) => id === command.id);
  }

  /** Waits for a message. */
  async until(isWanted: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    for (;;) {
      const found = this.#received.find(isWanted);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  send(frame: string | Uint8Array): boolean {
    assert.ok(typeof frame === 'string');
    this.#received.push(JSON.parse(frame));
    this.#wake();
    return true;
  }

  pause(): void {}

  resume(): void {}

  close(code: number): void {
    this.#setClosed(code);
    this.#connection.closed('lost');
  }

  terminate(): void {
    this.close(1006);
  }
}
