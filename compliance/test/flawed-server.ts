/**
 * A small echo server of the compliance peer's own parts, with one flaw at a time: what the runner has to catch.
 */

import { createServer, type Server, type Socket } from 'node:net';
import { encodeFrame, type Frame, FrameReader, Opcode, type ReceivedFrame } from '../wire/frame.ts';
import { acceptFor } from '../wire/http-head.ts';

/** What the server does wrong. */
export interface Flaw {
  /** Changes its answer to a request. */
  readonly response?: (head: string) => string;
  /** What it answers to a frame; undefined for what a right server would. */
  readonly answer?: (frame: ReceivedFrame) => readonly Frame[] | undefined;
  /** Whether it takes what it should refuse. */
  readonly takesAnything?: true;
  /** Whether it leaves TCP open behind the closing handshake. */
  readonly lingers?: true;
}

const refusedBits = 0x70;

/** Creates the server. It answers whole unfragmented messages, which is all that the tests send. */
export function createFlawedServer(flaw: Flaw): Server {
  return createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (request: Buffer) => {
      const key = /^Sec-WebSocket-Key: (\S+)/im.exec(request.toString('latin1'))?.[1] ?? '';
      const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(key)}\r\n\r\n`;
      socket.write(flaw.response?.(head) ?? head);
      converse(socket, flaw);
    });
  });
}

function converse(socket: Socket, flaw: Flaw): void {
  const reader = new FrameReader();
  socket.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      const answers = flaw.answer?.(frame) ?? rightAnswer(frame, flaw);
      for (const answer of answers) socket.write(encodeFrame(answer, 'server'));
      if (answers.some(({ opcode }) => opcode === Opcode.Close) && !flaw.lingers) socket.end();
    }
  });
}

function rightAnswer(frame: ReceivedFrame, { takesAnything }: Flaw): readonly Frame[] {
  const isRight = frame.key !== undefined && frame.hasMinimalLength && (frame.reserved & refusedBits) === 0;
  if (!isRight && !takesAnything) return [{ opcode: Opcode.Close, payload: Buffer.of(0x03, 0xea) }];
  if (frame.opcode === Opcode.Ping) return [{ opcode: Opcode.Pong, payload: frame.payload }];
  if (frame.opcode === Opcode.Pong) return [];
  return [{ opcode: frame.opcode, payload: frame.payload }];
}
