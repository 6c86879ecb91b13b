/** @fastify/websocket with `ws` replaced. */

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Report, runProgram } from './program.ts';

describe('@fastify/websocket', () => {
  let report: Report;

  before(async () => {
    report = await runProgram('fastify-websocket');
  });

  it('runs over ours', () => {
    assert.deepEqual(report.whose, ['@hawser/ws']);
    assert.equal(report.serverIsOurs, true);
  });

  it('echoes on a route, and keeps to the options of the server', () => {
    assert.equal(report.greeting, 'ana true');
    assert.equal(report.echo, 'hello');
    assert.equal(report.tooBig, 1009);
  });

  it('serves a page and a WebSocket at one address', () => {
    assert.deepEqual(report.both, ['page', 'socket']);
  });

  it('refuses before the upgrade, and ends what a handler breaks after it', () => {
    assert.equal(report.refused, 401);
    assert.equal(report.broken, 1006);
  });

  it('connects without a network through injectWS', () => {
    assert.deepEqual(report.injected, {
      isOurs: true,
      heard: ['eve true', 'hello'],
      refused: 'Unexpected server response: 401',
    });
  });

  it('closes its connections when it ends', () => {
    assert.equal(report.ended, 1005);
  });
});
