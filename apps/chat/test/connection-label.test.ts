import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConnectionState } from '../web/connection.ts';
import { type ConnectionSituation, labelConnection } from '../web/connection-label.ts';

const waiting: ConnectionState = { phase: 'waiting', retryAt: 10_000 };

describe('labelConnection', () => {
  it('is short while all is well', () => {
    assert.equal(label({ state: { phase: 'connecting', failures: 0 } }).short, 'Connecting');
    assert.equal(label({ state: { phase: 'connected' } }).short, 'Connected');
    assert.equal(label({ state: { phase: 'connected' } }).long, undefined);
  });

  it('counts full seconds down to 1', () => {
    const seconds = [6_999, 7_000, 9_001, 9_999, 10_000, 12_000].map((now) => label({ now }).long);
    assert.deepEqual(
      seconds.map((text) => text?.replace(/^.* in /, '')),
      ['4 s', '3 s', '1 s', '1 s', '1 s', '1 s'],
    );
  });

  it('says what is wrong', () => {
    assert.match(label({}).long ?? '', /^Connection lost\. Reconnecting in/);
    assert.match(label({ online: false }).long ?? '', /^You are offline\./);
    assert.equal(label({ online: false }).short, 'Offline');
    assert.match(label({ failure: 'The room is full' }).long ?? '', /^The room is full\./);
  });

  it('announces an outage once, and not each second or each try of it', () => {
    const states: readonly ConnectionState[] = [waiting, { phase: 'connecting', failures: 1 }];
    const announcements = [7_000, 8_000].flatMap((now) =>
      states.map((state) => label({ state, now }).announcement),
    );
    assert.equal(new Set(announcements).size, 1);
  });
});

function label(situation: Partial<ConnectionSituation>): ReturnType<typeof labelConnection> {
  return labelConnection({ state: waiting, now: 7_000, online: true, failure: undefined, ...situation });
}
