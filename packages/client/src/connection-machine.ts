/**
 * When to connect, wait, ask and give up: a pure function from a state and an event to the next state and what is to be
 * done. It has no socket, timer, clock or randomness; `connection.ts` does what it says and tells it what happened.
 *
 *     closed ⇄ connecting (authorizing → dialing → greeting) → connected
 *                   ↑ waiting ←──────────┴──────────────────────┘
 */

import { assertNever } from './assert-never.ts';
import { type Backoff, drawDelay } from './backoff.ts';
import { type Problem, problemOf } from './errors.ts';

/** Where a connection stands, and why. Moments are on the client's clock. */
export type ConnectionState = Closed | Waiting | Connecting | Connected;

/** Nothing happens until somebody asks for it. */
export interface Closed {
  readonly status: 'closed';
  readonly reason: Problem;
}

/** The next attempt is due at a moment. */
export interface Waiting {
  readonly status: 'waiting';
  readonly reason: Problem;
  /** How long, counted from the beginning of this state. */
  readonly retryInMs: number;
  readonly retryAt: number;
  /** The server does not want to see us before. */
  readonly notBefore: number;
  /** How many attempts have failed in a row. */
  readonly attempt: number;
}

export interface Connecting {
  readonly status: 'connecting';
  /** Getting a token; opening a socket; waiting for the server's word that we are in. */
  readonly phase: 'authorizing' | 'dialing' | 'greeting';
  readonly attempt: number;
}

export interface Connected {
  readonly status: 'connected';
  readonly since: number;
  /** What the count of attempts goes on from if the connection does not last. */
  readonly attempt: number;
  readonly notBefore: number;
  readonly pingIntervalMs: number;
  /** When the server was asked whether it is there; undefined if it is known to be. */
  readonly probedAt: number | undefined;
}

/** What can happen. */
export type MachineEvent =
  /** The user wants a connection. */
  | { readonly type: 'connect' }
  /** The user wants none any more. */
  | { readonly type: 'close' }
  | { readonly type: 'authorized' }
  | { readonly type: 'token-failed'; readonly problem: Problem }
  | { readonly type: 'opened' }
  /** We are in; `expiresInMs`: until the token ends. */
  | { readonly type: 'greeted'; readonly pingIntervalMs: number; readonly expiresInMs: number | undefined }
  | { readonly type: 'refreshed'; readonly expiresInMs: number | undefined }
  /** The server refused the token, or sent what we cannot go on with, or the socket is closed. */
  | { readonly type: 'lost'; readonly problem: Problem; readonly isFinal: boolean }
  /** The server is about to end. */
  | { readonly type: 'drain'; readonly reconnectInMs: number }
  | { readonly type: 'alarm' }
  | { readonly type: 'refresh-alarm' }
  | { readonly type: 'online' }
  | { readonly type: 'offline' }
  /** The page is seen again, or the machine has slept. */
  | { readonly type: 'wake' };

/** What is to be done. */
export type Effect =
  /** Get a token: `authorized` or `token-failed` follows. */
  | { readonly type: 'authorize' }
  /** Open a socket: `opened` or `lost` follows. */
  | { readonly type: 'dial' }
  /** Say who we are, or hand in the new token: `greeted`, `refreshed` or `lost` follows. */
  | { readonly type: 'greet' }
  | { readonly type: 'ping' }
  /** Close the socket, if there is one, and hear nothing of it any more. */
  | { readonly type: 'drop' }
  /** Set the timer anew; undefined: stop it. */
  | { readonly type: 'alarm'; readonly inMs: number | undefined }
  | { readonly type: 'refresh-alarm'; readonly inMs: number | undefined };

/** What an event comes with. */
export interface Moment {
  readonly now: number;
  /** When something last came from the server. */
  readonly heardAt: number;
  /** At random, from 0 to 1. */
  readonly fraction: number;
}

/** How long things may take. */
export interface MachineSettings {
  readonly backoff: Backoff;
  /** Longest phase of connecting, in ms. */
  readonly connectTimeoutMs: number;
  /** How long the server may be silent after a ping, in ms. */
  readonly pongTimeoutMs: number;
}

/** What follows from an event: the next state, and what is to be done, in this order. */
export type Step = readonly [state: ConnectionState, ...effects: Effect[]];

/** A connection that lasted this long was a good one, and the count of attempts begins anew. */
const STABLE_MS = 5_000;

/** A token is renewed when this part of its time has passed at the latest, or a little earlier, at random. */
const REFRESH_LATEST = 0.9;
const REFRESH_SPREAD = 0.2;
const SHORTEST_REFRESH_MS = 1_000;

/** The state before the first event. */
export const initialState: Closed = { status: 'closed', reason: problemOf('closed') };

/** What follows from an event. An event that means nothing in a state changes nothing. */
export function transition(
  state: ConnectionState,
  event: MachineEvent,
  moment: Moment,
  settings: MachineSettings,
): Step {
  if (state.status === 'closed') return event.type === 'connect' ? begin(0, settings) : stay(state);
  if (event.type === 'close') return leave({ status: 'closed', reason: problemOf('closed') });
  switch (state.status) {
    case 'waiting':
      return whileWaiting(state, event, moment, settings);
    case 'connecting':
      return whileConnecting(state, event, moment, settings);
    case 'connected':
      return whileConnected(state, event, moment, settings);
    default:
      return assertNever(state);
  }
}

function whileWaiting(state: Waiting, event: MachineEvent, moment: Moment, settings: MachineSettings): Step {
  switch (event.type) {
    case 'alarm':
      return begin(state.attempt, settings);
    case 'connect':
    case 'online':
    case 'wake':
      return hurry(state, moment, settings);
    default:
      return stay(state);
  }
}

/** What was in the way may be gone. The server's own delay is not. */
function hurry(state: Waiting, { now, fraction }: Moment, { backoff }: MachineSettings): Step {
  const { notBefore, reason } = state;
  const retryAt = Math.min(state.retryAt, Math.max(notBefore, now) + drawDelay(0, fraction, backoff));
  return waitUntil(retryAt, now, { reason, notBefore, attempt: 0 });
}

function waitUntil(
  retryAt: number,
  now: number,
  rest: Pick<Waiting, 'reason' | 'notBefore' | 'attempt'>,
): Step {
  const retryInMs = Math.max(0, retryAt - now);
  return leave({ status: 'waiting', retryInMs, retryAt, ...rest }, retryInMs);
}

function whileConnecting(
  state: Connecting,
  event: MachineEvent,
  moment: Moment,
  settings: MachineSettings,
): Step {
  const { phase, attempt } = state;
  switch (event.type) {
    case 'authorized':
      return phase === 'authorizing' ? enter('dialing', 'dial', attempt, settings) : stay(state);
    case 'opened':
      return phase === 'dialing' ? enter('greeting', 'greet', attempt, settings) : stay(state);
    case 'greeted':
      return phase === 'greeting' ? arrive(attempt, event, moment) : stay(state);
    case 'token-failed':
      return phase === 'authorizing' ? wait(attempt, event.problem, moment, settings) : stay(state);
    case 'lost':
      return lose(attempt, event, moment, settings);
    case 'alarm':
      return wait(attempt, problemOf('connect-timed-out'), moment, settings);
    default:
      return stay(state);
  }
}

function whileConnected(
  state: Connected,
  event: MachineEvent,
  moment: Moment,
  settings: MachineSettings,
): Step {
  switch (event.type) {
    case 'lost':
      return lose(attemptAfter(state, moment), event, moment, settings, state.notBefore);
    case 'drain':
      // docs/wire.md §3.5: at a random time within the window.
      return stay({ ...state, notBefore: moment.now + event.reconnectInMs * moment.fraction });
    case 'alarm':
      return look(state, moment, settings);
    case 'online':
    case 'offline':
    case 'wake':
      return state.probedAt === undefined ? probe(state, moment, settings) : stay(state);
    case 'refresh-alarm':
      return [state, { type: 'authorize' }];
    case 'authorized':
      return [state, { type: 'greet' }];
    case 'token-failed':
      // The old token still holds. When it ends before there is a new one, the server closes the connection.
      return [state, { type: 'refresh-alarm', inMs: drawDelay(4, moment.fraction, settings.backoff) }];
    case 'refreshed':
      return [state, refreshAlarm(event.expiresInMs, moment)];
    default:
      return stay(state);
  }
}

/** At every interval the server is asked for a sign of life, which is one for the server, too. */
function look(state: Connected, moment: Moment, settings: MachineSettings): Step {
  const { probedAt, pingIntervalMs } = state;
  if (probedAt === undefined) return probe(state, moment, settings);
  const { now, heardAt } = moment;
  if (heardAt >= probedAt) {
    const inMs = Math.max(0, probedAt + pingIntervalMs - now);
    return [
      { ...state, probedAt: undefined },
      { type: 'alarm', inMs },
    ];
  }
  // Twice the time, and nobody called us: the machine slept, and the answer may still lie unread.
  if (now - probedAt > 2 * settings.pongTimeoutMs) return probe(state, moment, settings);
  return wait(attemptAfter(state, moment), problemOf('server-silent'), moment, settings, state.notBefore);
}

function probe(state: Connected, { now }: Moment, { pongTimeoutMs }: MachineSettings): Step {
  return [{ ...state, probedAt: now }, { type: 'ping' }, { type: 'alarm', inMs: pongTimeoutMs }];
}

function begin(attempt: number, settings: MachineSettings): Step {
  return enter('authorizing', 'authorize', attempt, settings);
}

function enter(
  phase: Connecting['phase'],
  effect: 'authorize' | 'dial' | 'greet',
  attempt: number,
  { connectTimeoutMs }: MachineSettings,
): Step {
  return [
    { status: 'connecting', phase, attempt },
    { type: 'alarm', inMs: connectTimeoutMs },
    { type: effect },
  ];
}

function arrive(attempt: number, event: MachineEvent & { type: 'greeted' }, moment: Moment): Step {
  const { now } = moment;
  const { pingIntervalMs, expiresInMs } = event;
  return [
    { status: 'connected', attempt, since: now, notBefore: now, pingIntervalMs, probedAt: undefined },
    { type: 'alarm', inMs: pingIntervalMs },
    refreshAlarm(expiresInMs, moment),
  ];
}

/** Well before the end, and not all clients at once. */
function refreshAlarm(expiresInMs: number | undefined, { fraction }: Moment): Effect {
  if (expiresInMs === undefined) return { type: 'refresh-alarm', inMs: undefined };
  const inMs = expiresInMs * (REFRESH_LATEST - REFRESH_SPREAD * fraction);
  return { type: 'refresh-alarm', inMs: Math.max(SHORTEST_REFRESH_MS, inMs) };
}

function lose(
  attempt: number,
  { problem, isFinal }: MachineEvent & { type: 'lost' },
  moment: Moment,
  settings: MachineSettings,
  notBefore?: number,
): Step {
  return isFinal
    ? leave({ status: 'closed', reason: problem })
    : wait(attempt, problem, moment, settings, notBefore);
}

function wait(
  attempt: number,
  reason: Problem,
  { now, fraction }: Moment,
  { backoff }: MachineSettings,
  drainedUntil = now,
): Step {
  const earliest = now + (reason.retryInMs ?? 0);
  const retryAt = Math.max(drainedUntil, earliest + drawDelay(attempt, fraction, backoff));
  return waitUntil(retryAt, now, {
    reason,
    notBefore: Math.max(drainedUntil, earliest),
    attempt: attempt + 1,
  });
}

function leave(state: Closed | Waiting, inMs?: number): Step {
  return [state, { type: 'drop' }, { type: 'alarm', inMs }, { type: 'refresh-alarm', inMs: undefined }];
}

function attemptAfter({ attempt, since }: Connected, { now }: Moment): number {
  return now - since < STABLE_MS ? attempt : 0;
}

function stay(state: ConnectionState): Step {
  return [state];
}
