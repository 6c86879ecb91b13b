/**
 * What a connection hears and says, as lines of text: `text "Hello"`, `ping "x"`, `close 1000 "bye"`,
 * `fail 1002 unmasked-frame`, `lost`. Fragments that are not the last end with `…`; the end of our side is `end`.
 */
import {
  Connection,
  type ConnectionEvent,
  type Limits,
  type Role,
  resolveLimits,
  Slab,
} from '../src/index.ts';
import { concat, type ReadFrame, readFrames } from './frames.ts';

/** The key of every frame that a client of these tests sends, as it stands on the wire. */
export const maskingKey: readonly number[] = [0x11, 0x22, 0x33, 0x44];

/** Opens a connection whose memory is poisoned: a byte that nobody wrote is 0xaa. */
export function openConnection(role: Role, limits: Partial<Limits> = {}): Connection {
  const slab = new Slab((length) => new Uint8Array(length).fill(0xaa));
  const options = { limits: resolveLimits(limits), slab };
  return role === 'client'
    ? new Connection({ role, randomMaskingKey: () => 0x44332211, ...options })
    : new Connection({ role, ...options });
}

/** Lets the connection receive the chunks, one by one, and tells all of its events. */
export function hear(connection: Connection, ...chunks: readonly Uint8Array[]): string[] {
  return chunks.flatMap((chunk) => {
    // The engine owns what it receives and unmasks it in place.
    connection.receive(new Uint8Array(chunk));
    return takeEvents(connection).map(tellEvent);
  });
}

/** Tells the events of a connection whose transport has ended. */
export function hearEnd(connection: Connection): string[] {
  connection.receiveEnd();
  return takeEvents(connection).map(tellEvent);
}

/** Pulls all events. */
export function takeEvents(connection: Connection): ConnectionEvent[] {
  const events: ConnectionEvent[] = [];
  for (let event = connection.nextEvent(); event !== undefined; event = connection.nextEvent())
    events.push(event);
  return events;
}

/** Takes the output and tells its frames. */
export function said(connection: Connection): string[] {
  const { bytes, ended } = takeBytes(connection);
  return [...readFrames(bytes).map(tellFrame), ...(ended ? ['end'] : [])];
}

/** Takes the output: its bytes in one piece, and whether our side ends behind them. */
export function takeBytes(connection: Connection): { bytes: Uint8Array; ended: boolean } {
  const outputs = connection.takeOutput();
  const chunks = outputs.flatMap((output) => (output.type === 'bytes' ? [output.bytes] : []));
  return { bytes: concat(...chunks), ended: outputs.at(-1)?.type === 'end' };
}

/** Takes the output and reads its frames. */
export function takeFrames(connection: Connection): ReadFrame[] {
  return readFrames(takeBytes(connection).bytes);
}

const names: ReadonlyMap<number, string> = new Map([
  [0x0, 'continuation'],
  [0x1, 'text'],
  [0x2, 'binary'],
  [0x8, 'close'],
  [0x9, 'ping'],
  [0xa, 'pong'],
]);

function tellEvent(event: ConnectionEvent): string {
  switch (event.type) {
    case 'message':
      return `${names.get(event.opcode)} ${event.opcode === 1 ? quoteText(event.payload) : show(event.payload)}`;
    case 'piece':
      return `piece ${names.get(event.opcode)} ${show(event.payload)}${event.isLast ? '' : '…'}`;
    case 'ping':
    case 'pong':
      return `${event.type} ${show(event.payload)}`;
    case 'close':
      return `close ${event.code} ${JSON.stringify(event.reason)}`;
    case 'fail':
      return `fail ${event.error.closeCode} ${event.error.code}`;
    case 'lost':
      return 'lost';
  }
}

function tellFrame({ fin, opcode, payload }: ReadFrame): string {
  const [high, low] = payload;
  if (opcode === 0x8 && high !== undefined && low !== undefined) {
    return `close ${(high << 8) | low} ${quoteText(payload.subarray(2))}`;
  }
  return `${names.get(opcode)} ${show(payload)}${fin ? '' : '…'}`;
}

/** A payload as text in quotes if it is short printable ASCII, else in hex, else as its length and a digest of it. */
function show(payload: Uint8Array): string {
  if (payload.length > 100) return `${payload.length} bytes, ${checksum(payload)}`;
  if (payload.every((byte) => byte >= 0x20 && byte < 0x7f)) return quoteText(payload);
  return Array.from(payload, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Throws unless the bytes are UTF-8. */
function quoteText(bytes: Uint8Array): string {
  return JSON.stringify(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
}

function checksum(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, 0);
}
