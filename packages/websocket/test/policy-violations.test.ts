/** Every row of the table's policy is triggered: the client gets its status, `refused` hears its name. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import { type ViolationName, violations } from '@hawser/protocol';
import { WebSocketServer, type WebSocketServerOptions } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';
import { handshake, RawClient } from './raw-client.ts';
import { ServerDiary, until } from './server-diary.ts';
import { startHttp } from './servers.ts';

interface Trigger {
  readonly options?: WebSocketServerOptions<undefined>;
  readonly head?: string;
  /** What happens while `authorize` makes up its mind. */
  meanwhile?(server: WebSocketServer, clock: FakeClock): void;
}

/** An `authorize` that never decides. */
const undecided = { authorize: () => new Promise<never>(() => undefined) };

/** One for each row: the compiler refuses the table if one is missing. */
const triggers: Readonly<Record<ViolationName<'policy'>, Trigger>> = {
  'origin-not-allowed': { head: handshake({ Origin: 'http://evil.example' }, '/chat') },
  'handshake-timeout': { options: undecided, meanwhile: (_server, clock) => clock.advance(10_000) },
  'too-many-pending-handshakes': { options: { maxPendingHandshakes: 0 } },
  'path-not-found': { head: handshake({}, '/elsewhere') },
  'server-closing': { options: undecided, meanwhile: (server) => void server.close() },
  'authorization-error': { options: { authorize: () => Promise.reject(new Error('a bug')) } },
  'subprotocol-not-offered': { options: { subprotocols: () => 'soap' } },
};

describe('violations.policy', () => {
  for (const [code, row] of Object.entries(violations.policy)) {
    it(`${code} refuses with ${row.status}`, async (t) => {
      const { options = {}, head = handshake({}, '/chat'), meanwhile } = triggerOf(code);
      const diary = new ServerDiary();
      const clock = new FakeClock();
      const server = new WebSocketServer<undefined>({ ...diary.handlers, clock, ...options });
      const http = createServer();
      const place = await startHttp(t, http);
      server.attach(http, { path: '/chat' });
      const client = RawClient.to(place).send(head);
      if (meanwhile !== undefined) {
        await until(() => clock.timerCount > 0);
        meanwhile(server, clock);
      }
      assert.equal((await client.response()).status, row.status);
      assert.match(await client.end(), /^Expected .*, received .*\n$/);
      assert.deepEqual(diary.lines, [`refused ${code}`]);
    });
  }
});

function triggerOf(code: string): Trigger {
  const trigger = Object.entries(triggers).find(([name]) => name === code)?.[1];
  assert.ok(trigger);
  return trigger;
}
