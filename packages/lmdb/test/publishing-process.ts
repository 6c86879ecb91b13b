/**
 * A process that publishes as fast as it can until it is killed: `node publishing-process.ts DIRECTORY DURABILITY ROUND`.
 * Each line of its output is an acknowledged publication: its id and its offset. It retries what the round before it left
 * unacknowledged, as a client would. What it writes to stderr says that it is about to open the log.
 */
import { writeSync } from 'node:fs';
import { LmdbBroker } from '@hawser/lmdb';
import { keepAll } from './messages.ts';

const IN_FLIGHT = 8;

const [directory = '', durability, name = '', ...unacknowledged] = process.argv.slice(2);
writeSync(2, 'opening\n');
const broker = await LmdbBroker.open({
  directory,
  durability: durability === 'buffered' ? 'buffered' : 'disk',
});

for (const id of unacknowledged) await publish(id);
writeSync(1, 'ready\n');
let count = 0;
await Promise.all(Array.from({ length: IN_FLIGHT }, publishForever));

async function publishForever(): Promise<void> {
  for (;;) {
    count += 1;
    await publish(`${name}-${count}`);
  }
}

async function publish(id: string): Promise<void> {
  writeSync(1, `try ${id}\n`);
  const { position } = await broker.publish('a', { content: id, publicationId: id, at: Date.now() }, keepAll);
  // Not through a stream: what was written must be with the reader before the next line runs.
  writeSync(1, `ack ${id} ${position.offset}\n`);
}
