/** Messages as applications send them: JSON in which names repeat and values do not. */
import { createHash } from 'node:crypto';

const rooms = ['lobby', 'harbour', 'engine room', 'bridge', 'galley'];

/** A JSON text of exactly so many bytes, another one for each seed. */
export function jsonMessage(length, seed) {
  const events = [];
  let text = '';
  for (let i = 0; text.length < length; i++) {
    const id = createHash('sha256').update(`${seed}.${i}`).digest();
    events.push({
      id: id.toString('hex', 0, 8),
      room: rooms[id[8] % rooms.length],
      user: `user-${id.readUInt16BE(9)}`,
      at: 1_700_000_000_000 + id.readUInt32BE(11),
      price: id.readUInt16BE(15) / 100,
    });
    text = JSON.stringify({ type: 'events', events });
  }
  return text.slice(0, length);
}
