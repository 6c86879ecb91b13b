/**
 * The state of the connection in words. There are two of them: what is shown, which counts down, and what is announced to a
 * screen reader, which speaks up only when something has changed.
 */

import { assertNever } from '../contract/assert-never.ts';
import type { ConnectionState } from './connection.ts';

export interface ConnectionLabel {
  readonly tone: 'good' | 'busy' | 'bad' | 'none';
  /** Beside the name of the page: always there, so it is short. */
  readonly short: string;
  /** Above the message box while there is no connection; otherwise undefined. */
  readonly long: string | undefined;
  readonly announcement: string;
}

export interface ConnectionSituation {
  readonly state: ConnectionState;
  readonly now: number;
  /** The browser knows of a network. Without one a server on the same machine may still be there. */
  readonly online: boolean;
  /** What the server said before it closed the last connection. */
  readonly failure: string | undefined;
}

export function labelConnection(situation: ConnectionSituation): ConnectionLabel {
  const { state } = situation;
  switch (state.phase) {
    case 'idle':
      return { tone: 'none', short: 'Not connected', long: undefined, announcement: '' };
    case 'connecting':
      return state.failures > 0 ? labelOutage(situation, 'now') : connecting;
    case 'connected':
      return { tone: 'good', short: 'Connected', long: undefined, announcement: 'Connected.' };
    case 'waiting':
      return labelOutage(situation, `in ${secondsUntil(state.retryAt, situation.now)} s`);
    default:
      return assertNever(state);
  }
}

const connecting: ConnectionLabel = {
  tone: 'busy',
  short: 'Connecting',
  long: undefined,
  announcement: 'Connecting.',
};

/** The announcement is the same from the loss of the connection to its return, however many tries lie between. */
function labelOutage({ online, failure }: ConnectionSituation, when: string): ConnectionLabel {
  const cause = failure ?? (online ? 'Connection lost' : 'You are offline');
  return {
    tone: 'bad',
    short: online ? 'Reconnecting' : 'Offline',
    long: `${cause}. Reconnecting ${when}`,
    announcement: 'Connection lost. What you write is kept, and sent when it is back.',
  };
}

/** Counts down to 1 and not to 0, which would look as if it hung. */
function secondsUntil(time: number, now: number): number {
  return Math.max(1, Math.ceil((time - now) / 1_000));
}
