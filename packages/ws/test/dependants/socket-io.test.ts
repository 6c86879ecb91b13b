/** Socket.IO with `ws` replaced in its server, its client and its adapter. */

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Report, runProgram } from './program.ts';

const worked = {
  serverUsesOurs: [true, true, true],
  clientsUseOurs: [true, true, true],
  broadcast: [
    ['kettle', { isHot: true }],
    ['kettle', { isHot: true }],
  ],
  strays: [],
  said: [[1, 2, 3], 'bytes'],
  reversed: [9, 8, 7],
  answers: ['Milk? Yes'],
  upgraded: ['websocket', true],
  leaving: ['client namespace disconnect', 'io server disconnect'],
};

describe('Socket.IO', () => {
  let report: Report;

  before(async () => {
    report = await runProgram('socket-io');
  });

  it('gets ours in engine.io, engine.io-client and the adapter', () => {
    assert.deepEqual(report.whose, ['@hawser/ws', '@hawser/ws', '@hawser/ws']);
  });

  it('builds the frame of a broadcast once for a room', () => {
    assert.equal(report.framesForRoom, 1);
  });

  it('reaches rooms, carries bytes, asks both ways, upgrades, disconnects', () => {
    assert.deepEqual(report.plain, { ...worked, extensions: ['', '', ''] });
  });

  it('does so with compression', () => {
    const extension = 'permessage-deflate';
    assert.deepEqual(report.compressed, { ...worked, extensions: [extension, extension, extension] });
  });
});
