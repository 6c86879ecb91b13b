/**
 * Remote procedure calls: methods of the server that clients call, with types at both ends and refusals that clients understand.
 *
 *     npm run example examples/rpc.ts
 */
import { Client, HawserError } from '@hawser/client';
import { CallError, Hub } from '@hawser/hub';
import { PreparedMessage, type UpgradeRequest, WebSocket, WebSocketServer } from '@hawser/websocket';

interface Contract {
  channels: Record<never, never>;
  methods: {
    add: { input: readonly number[]; output: number };
    rename: { input: { name: string }; output: { name: string; by: string } };
  };
}

const taken = new Set(['bob']);

const hub = new Hub<PreparedMessage, UpgradeRequest, Contract>({
  prepare: (data) => new PreparedMessage(data),
  namespaces: {},
  authenticate: () => ({ user: 'ann', permissions: { methods: ['add', 'rename'] } }),
  methods: {
    add: (numbers) => numbers.reduce((sum, number) => sum + number, 0),
    // A method may take its time, and knows who calls.
    rename: async ({ name }, { identity }) => {
      if (taken.has(name)) throw new CallError('name-taken', `Somebody is called ${name} already`);
      taken.add(name);
      return { name, by: identity.user };
    },
  },
});
const server = new WebSocketServer(hub.serverOptions());
await server.listen({ port: 0, host: '127.0.0.1' });
const address = server.address();
const port = typeof address === 'object' ? address.port : 0;

const client = new Client<Contract>(`ws://127.0.0.1:${port}/`, { WebSocket });
console.log('1 + 2 + 3 =', await client.call('add', [1, 2, 3]));
console.log('Renamed:', await client.call('rename', { name: 'anna' }));
try {
  await client.call('rename', { name: 'bob' });
} catch (error) {
  if (error instanceof HawserError) console.log(`Refused: ${error.reason}, ${error.message}`);
}

client.close();
await hub.drain({ windowMs: 0 });
await server.close();
