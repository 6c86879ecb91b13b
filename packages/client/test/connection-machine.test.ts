/** The machine: every state, every event. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  type ConnectionState,
  type Effect,
  type MachineEvent,
  type MachineSettings,
  type Moment,
  transition,
} from '../src/connection-machine.ts';
import { problemOf } from '../src/errors.ts';

const settings: MachineSettings = {
  backoff: { baseMs: 1_000, maxMs: 30_000 },
  connectTimeoutMs: 10_000,
  pongTimeoutMs: 5_000,
};

/** An hour after the clock began; the server was last heard a minute ago; the dice show a half. */
const moment: Moment = { now: 3_600_000, heardAt: 3_539_000, fraction: 0.5 };
const { now } = moment;
const reason = problemOf('connection-lost');

const connected = {
  status: 'connected',
  attempt: 3,
  since: now - 60_000,
  notBefore: 0,
  pingIntervalMs: 25_000,
  probedAt: undefined,
} as const;

const states = {
  closed: { status: 'closed', reason },
  waiting: {
    status: 'waiting',
    reason,
    attempt: 4,
    retryInMs: 9_000,
    retryAt: now + 9_000,
    notBefore: now - 1,
  },
  told: {
    status: 'waiting',
    reason,
    attempt: 4,
    retryInMs: 9_000,
    retryAt: now + 9_000,
    notBefore: now + 8_000,
  },
  authorizing: { status: 'connecting', phase: 'authorizing', attempt: 2 },
  dialing: { status: 'connecting', phase: 'dialing', attempt: 2 },
  greeting: { status: 'connecting', phase: 'greeting', attempt: 2 },
  connected,
  young: { ...connected, since: now - 100 },
  probing: { ...connected, probedAt: now - 5_000 },
  answered: { ...connected, probedAt: now - 62_000 },
  slept: { ...connected, probedAt: now - 60_000 },
  draining: { ...connected, notBefore: now + 7_000 },
} as const satisfies Readonly<Record<string, ConnectionState>>;

const events = {
  connect: { type: 'connect' },
  close: { type: 'close' },
  authorized: { type: 'authorized' },
  'token-failed': { type: 'token-failed', problem: problemOf('token-failed') },
  opened: { type: 'opened' },
  greeted: { type: 'greeted', pingIntervalMs: 25_000, expiresInMs: 100_000 },
  refreshed: { type: 'refreshed', expiresInMs: undefined },
  lost: { type: 'lost', problem: reason, isFinal: false },
  'lost, retry in 4 s': { type: 'lost', problem: { ...reason, retryInMs: 4_000 }, isFinal: false },
  'lost for good': { type: 'lost', problem: reason, isFinal: true },
  drain: { type: 'drain', reconnectInMs: 10_000 },
  alarm: { type: 'alarm' },
  'refresh-alarm': { type: 'refresh-alarm' },
  online: { type: 'online' },
  offline: { type: 'offline' },
  wake: { type: 'wake' },
} as const satisfies Readonly<Record<string, MachineEvent>>;

type StateName = keyof typeof states;
type EventName = keyof typeof events;

const begins = 'connecting authorizing 0: alarm 10000, authorize';
const closes = 'closed closed: drop, alarm off, refresh-alarm off';
const closesFor = (code: string): string => `closed ${code}: drop, alarm off, refresh-alarm off`;
const waits = (code: string, inMs: number, attempt: number): string =>
  `waiting ${code} ${inMs} ${attempt}: drop, alarm ${inMs}, refresh-alarm off`;
const probes = 'connected probed 0: ping, alarm 5000';

/** What changes something. Every other pair of a state and an event changes nothing. */
const table: Readonly<Record<StateName, Partial<Record<EventName, string>>>> = {
  closed: { connect: begins },
  waiting: {
    connect: waits('connection-lost', 500, 0),
    close: closes,
    alarm: 'connecting authorizing 4: alarm 10000, authorize',
    online: waits('connection-lost', 500, 0),
    wake: waits('connection-lost', 500, 0),
  },
  // The server said when: nothing makes it sooner than that.
  told: {
    connect: waits('connection-lost', 8_500, 0),
    close: closes,
    alarm: 'connecting authorizing 4: alarm 10000, authorize',
    online: waits('connection-lost', 8_500, 0),
    wake: waits('connection-lost', 8_500, 0),
  },
  authorizing: {
    close: closes,
    authorized: 'connecting dialing 2: alarm 10000, dial',
    'token-failed': waits('token-failed', 2_000, 3),
    lost: waits('connection-lost', 2_000, 3),
    'lost, retry in 4 s': waits('connection-lost', 6_000, 3),
    'lost for good': closesFor('connection-lost'),
    alarm: waits('connect-timed-out', 2_000, 3),
  },
  dialing: {
    close: closes,
    opened: 'connecting greeting 2: alarm 10000, greet',
    lost: waits('connection-lost', 2_000, 3),
    'lost, retry in 4 s': waits('connection-lost', 6_000, 3),
    'lost for good': closesFor('connection-lost'),
    alarm: waits('connect-timed-out', 2_000, 3),
  },
  greeting: {
    close: closes,
    greeted: 'connected 2: alarm 25000, refresh-alarm 80000',
    lost: waits('connection-lost', 2_000, 3),
    'lost, retry in 4 s': waits('connection-lost', 6_000, 3),
    'lost for good': closesFor('connection-lost'),
    alarm: waits('connect-timed-out', 2_000, 3),
  },
  connected: {
    ...whileConnected(),
    lost: waits('connection-lost', 500, 1),
    'lost, retry in 4 s': waits('connection-lost', 4_500, 1),
    alarm: probes,
    online: probes,
    offline: probes,
    wake: probes,
  },
  // It did not last, so the waits go on growing.
  young: {
    ...whileConnected(),
    lost: waits('connection-lost', 4_000, 4),
    'lost, retry in 4 s': waits('connection-lost', 8_000, 4),
    alarm: probes,
    online: probes,
    offline: probes,
    wake: probes,
  },
  probing: {
    ...whileConnected('probed 5000'),
    lost: waits('connection-lost', 500, 1),
    'lost, retry in 4 s': waits('connection-lost', 4_500, 1),
    alarm: waits('server-silent', 500, 1),
  },
  answered: {
    ...whileConnected('probed 62000'),
    lost: waits('connection-lost', 500, 1),
    'lost, retry in 4 s': waits('connection-lost', 4_500, 1),
    alarm: 'connected 3: alarm 0',
  },
  // The answer may lie unread, because nobody was awake to read it.
  slept: {
    ...whileConnected('probed 60000'),
    lost: waits('connection-lost', 500, 1),
    'lost, retry in 4 s': waits('connection-lost', 4_500, 1),
    alarm: probes,
  },
  draining: {
    ...whileConnected(),
    lost: waits('connection-lost', 7_000, 1),
    'lost, retry in 4 s': waits('connection-lost', 7_000, 1),
    alarm: probes,
    online: probes,
    offline: probes,
    wake: probes,
  },
};

describe('the connection machine', () => {
  for (const [name, state] of Object.entries(states)) {
    for (const [eventName, event] of Object.entries(events)) {
      const expected = expectationOf(name, eventName);
      it(`${name}, ${eventName}: ${expected ?? 'nothing'}`, () => {
        const [next, ...effects] = transition(state, event, moment, settings);
        if (expected === undefined) assert.deepEqual([next, effects], [state, []]);
        else assert.equal(`${tell(next)}: ${effects.map(tellEffect).join(', ')}`, expected);
      });
    }
  }

  it('comes back within the window that a drain names, at random', () => {
    for (const fraction of [0, 0.25, 0.99]) {
      const [draining] = transition(states.connected, events.drain, { ...moment, fraction }, settings);
      const later = { ...moment, now: now + 100, fraction: 0 };
      const [waiting] = transition(draining, events.lost, later, settings);
      assert.ok(waiting.status === 'waiting');
      assert.equal(waiting.retryAt, Math.max(now + 10_000 * fraction, now + 100));
    }
  });

  it('waits anything up to the bound, which doubles up to the largest', () => {
    for (const [attempt, most] of [
      [0, 1_000],
      [1, 2_000],
      [4, 16_000],
      [5, 30_000],
      [1_000, 30_000],
    ] as const) {
      for (const fraction of [0, 0.5, 1]) {
        const state = { ...states.dialing, attempt };
        const [waiting] = transition(state, events.lost, { ...moment, fraction }, settings);
        assert.ok(waiting.status === 'waiting');
        assert.equal(waiting.retryInMs, fraction * most);
      }
    }
  });

  it('renews a token between seven and nine tenths of its time, never in a hurry', () => {
    for (const [fraction, inMs] of [
      [0, 90_000],
      [1, 70_000],
    ] as const) {
      const [, , refresh] = transition(states.greeting, events.greeted, { ...moment, fraction }, settings);
      assert.deepEqual(refresh?.type === 'refresh-alarm' && Math.round(refresh.inMs ?? 0), inMs);
    }
    const [, , hurried] = transition(
      states.greeting,
      { ...events.greeted, expiresInMs: 0 },
      moment,
      settings,
    );
    assert.deepEqual(hurried, { type: 'refresh-alarm', inMs: 1_000 });
  });

  it('changes nothing in what it is given, and gives the same for the same', () => {
    const anyState = fc.constantFrom(...Object.values(states));
    const anyEvent = fc.constantFrom(...Object.values(events));
    fc.assert(
      fc.property(anyState, anyEvent, (state, event) => {
        const frozen = Object.freeze({ ...state });
        const step = transition(frozen, Object.freeze({ ...event }), moment, settings);
        assert.deepEqual(step, transition(frozen, event, moment, settings));
      }),
    );
  });

  it('always has a way on: whatever happens, a timer runs unless it is closed', () => {
    const anyEvents = fc.array(fc.tuple(fc.constantFrom(...Object.values(events)), fc.nat(20_000)));
    fc.assert(
      fc.property(anyEvents, fc.double({ min: 0, max: 1, noNaN: true }), (happening, fraction) => {
        let state: ConnectionState = states.closed;
        let clock = 0;
        let hasAlarm = false;
        for (const [event, ms] of happening) {
          clock += ms;
          const [next, ...effects] = transition(
            state,
            event,
            { now: clock, heardAt: clock, fraction },
            settings,
          );
          for (const effect of effects) if (effect.type === 'alarm') hasAlarm = effect.inMs !== undefined;
          state = next;
          assert.equal(hasAlarm, state.status !== 'closed');
        }
      }),
    );
  });
});

/** What every state that is connected does. */
function whileConnected(probed = ''): Partial<Record<EventName, string>> {
  const state = `connected${probed && ` ${probed}`}${probed ? '' : ' 3'}`;
  return {
    close: closes,
    authorized: `${state}: greet`,
    'token-failed': `${state}: refresh-alarm 8000`,
    refreshed: `${state}: refresh-alarm off`,
    'lost for good': closesFor('connection-lost'),
    drain: `${state}: `,
    'refresh-alarm': `${state}: authorize`,
  };
}

function expectationOf(state: string, event: string): string | undefined {
  const rows: Readonly<Record<string, Readonly<Record<string, string>>>> = table;
  return rows[state]?.[event];
}

function tell(state: ConnectionState): string {
  switch (state.status) {
    case 'closed':
      return `closed ${state.reason.code}`;
    case 'waiting':
      assert.equal(state.retryAt, now + state.retryInMs);
      return `waiting ${state.reason.code} ${state.retryInMs} ${state.attempt}`;
    case 'connecting':
      return `connecting ${state.phase} ${state.attempt}`;
    case 'connected':
      return `connected ${state.probedAt === undefined ? state.attempt : `probed ${now - state.probedAt}`}`;
    default:
      throw new TypeError(`Expected a state, received ${state}`);
  }
}

function tellEffect(effect: Effect): string {
  if (effect.type !== 'alarm' && effect.type !== 'refresh-alarm') return effect.type;
  return `${effect.type} ${effect.inMs === undefined ? 'off' : Math.round(effect.inMs)}`;
}
