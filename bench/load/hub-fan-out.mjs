/**
 * Fan-out through a hub: one connection keeps so many publications in flight, and all others are subscribed and receive
 * the events; the next one is published when an event has come to everybody. Every publication has an id of its own, as
 * a client's has that can be sent again, and its reply is checked as well.
 */
import { ByteRing, RingWriter } from './byte-ring.mjs';
import { Connection } from './connection.mjs';
import { openCrowd } from './crowd.mjs';
import { FanOutLoad, rehearse } from './fan-out.mjs';
import { readFrame } from './frames.mjs';
import { checkEvent, checkReply, greetPublisher, PublicationFrame } from './hub-messages.mjs';
import { measure } from './measurement.mjs';
import { SharedReader, SharedStream } from './shared-stream.mjs';

const TIMEOUT_MS = 10_000;
const REHEARSING_SUBSCRIBERS = 4;

export function runHubFanOut(poller, target, messages, work) {
  const publisher = openPublisher(poller, target);
  const replies = new ReplyReader();
  publisher.write(new PublicationWriter(publisher.socket, messages));
  publisher.expect(replies, () => undefined);

  const few = openCrowd(poller, target, REHEARSING_SUBSCRIBERS);
  const rehearsal = beginLoad(publisher, few, { messages, work, published: 0 });
  rehearse(poller, rehearsal, work.rehearsal);
  for (const subscriber of few) subscriber.close();

  const subscribers = openCrowd(poller, target, work.connections);
  const load = beginLoad(publisher, subscribers, { messages, work, published: rehearsal.sent });
  const result = measure(poller, load, { ...work, perMessage: work.connections });
  const published = rehearsal.sent + load.sent;
  if (poller.run(() => replies.count === published, TIMEOUT_MS)) return result;
  throw new Error(`Expected ${published} replies, received ${replies.count}`);
}

/** @param published How many messages were published before. */
function beginLoad(publisher, subscribers, { messages, work, published }) {
  const load = new FanOutLoad(publisher, work.inFlight);
  const stream = new SharedStream(work.inFlight, work.size, (frame, count) => {
    const index = published + count;
    checkEvent(frame, index, messages[index % messages.length]);
  });
  for (const subscriber of subscribers) load.expect(subscriber, new SharedReader(stream));
  load.begin(work.inFlight);
  return load;
}

function openPublisher(poller, target) {
  let isOpen = false;
  const dialect = { ...target.dialect, greet: greetPublisher };
  const publisher = new Connection(poller, { ...target, dialect }, () => {
    isOpen = true;
  });
  if (poller.run(() => isOpen, TIMEOUT_MS)) return publisher;
  throw new Error('Expected a connection for the publisher, received none');
}

/** Sends the cycle of messages, and numbers each of them just before: a publication is never the same as another. */
class PublicationWriter {
  #frames;
  #ring;
  #writer;
  #count = 0;

  /** @param messages More than are ever in flight. */
  constructor(socket, messages) {
    this.#frames = messages.map((message) => new PublicationFrame(message));
    this.#ring = new ByteRing(this.#frames.map(({ bytes }) => bytes));
    this.#writer = new RingWriter(socket, this.#ring, 0);
  }

  get isWaiting() {
    return this.#writer.isWaiting;
  }

  send(count) {
    for (let i = 0; i < count; i++) this.#number(this.#count++);
    return this.#writer.send(count);
  }

  flush() {
    return this.#writer.flush();
  }

  #number(index) {
    const place = index % this.#frames.length;
    const start = this.#ring.starts[place];
    this.#frames[place].number(index, (at, byte) => this.#ring.set(start + at, byte));
  }
}

/** Takes the replies to publications apart: there is one for a thousand events. */
class ReplyReader {
  count = 0;
  #rest = Buffer.alloc(0);

  take(_address, length, inbox) {
    const before = this.count;
    this.#rest = Buffer.concat([this.#rest, inbox.subarray(0, length)]);
    for (let frame = readFrame(this.#rest); frame !== undefined; frame = readFrame(this.#rest)) {
      checkReply(frame, this.count);
      this.#rest = this.#rest.subarray(frame.end);
      this.count++;
    }
    return this.count - before;
  }
}
