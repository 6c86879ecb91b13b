/**
 * One process at a time: files of tests run side by side, and one of them does for all what is to be done once. Whoever
 * listens on a local socket has its turn, and the others hear by their connection when it is over, even if it crashed.
 */

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** Does something while no other process does something of this name. */
export async function inTurn(name: string, action: () => Promise<void>): Promise<void> {
  const address = addressOf(name);
  const waiting = new Set<Socket>();
  const turn = await take(address, waiting);
  try {
    await action();
  } finally {
    turn.close();
    for (const socket of waiting) socket.destroy();
  }
}

async function take(address: string, waiting: Set<Socket>): Promise<Server> {
  for (;;) {
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => socket.destroy());
    });
    if (await couldListen(server, address)) return server;
    await endOfTurn(address);
  }
}

async function couldListen(server: Server, address: string): Promise<boolean> {
  const listening = once(server, 'listening');
  server.listen(address);
  try {
    await listening;
    return true;
  } catch (error) {
    if (codeOf(error) === 'EADDRINUSE') return false;
    throw error;
  }
}

/** Waits until whoever has the turn is done; clears away what a crashed one has left. */
async function endOfTurn(address: string): Promise<void> {
  const socket = connect(address);
  try {
    await once(socket.resume(), 'close');
  } catch (error) {
    if (codeOf(error) === 'ECONNREFUSED') await rm(address, { force: true });
  }
}

/** Short, whatever the name is: the path of a socket may have about a hundred bytes. */
function addressOf(name: string): string {
  const id = `hawser-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${id}` : join(tmpdir(), `${id}.sock`);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
