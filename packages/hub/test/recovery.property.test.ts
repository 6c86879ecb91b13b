/**
 * Whatever happens in whatever order, a subscriber gets what the model of its policy says: connections that break, readers
 * that are slow, logs that are trimmed or lost, answers that are late, hubs that are restarted.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeliveryPolicy, Position, ServerMessage } from '@hawser/wire';
import fc from 'fast-check';
import { FakeClock } from './fake-clock.ts';
import { settle, startHub, type TestClient, type TestHub } from './hubs.ts';
import { LateBroker } from './late-broker.ts';

const CHANNEL = 'any:channel';
const CLIENTS = 3;
const KEYS = 4;
/** What the log keeps, far less than what is published. */
const KEPT = 12;

type Step =
  | { readonly type: 'publish'; readonly count: number }
  | { readonly type: 'news'; readonly count: number }
  | { readonly type: 'answer'; readonly index: number }
  | { readonly type: 'read' | 'lose'; readonly client: number }
  | { readonly type: 'restart' | 'lose log' };

const client = fc.nat(CLIENTS - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 8 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('news' as const), count: fc.integer({ min: 1, max: 8 }) }),
  },
  { weight: 8, arbitrary: fc.record({ type: fc.constant('answer' as const), index: fc.nat(9) }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant('read' as const), client }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('lose' as const), client }) },
  { weight: 1, arbitrary: fc.constant<Step>({ type: 'restart' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ type: 'lose log' }) },
);

/** What one client believes, and whether it may. */
class Believer {
  readonly #policy: DeliveryPolicy;
  readonly #published: ReadonlyMap<string, number>;
  #position: Position | undefined;
  #isGapDue = false;
  #skipped = 0;
  connection: TestClient | undefined;
  /** The newest value of each key, and where this history begins for it. */
  readonly values = new Map<string, number>();
  beganAfter = 0;

  constructor(policy: DeliveryPolicy, published: ReadonlyMap<string, number>) {
    this.#policy = policy;
    this.#published = published;
  }

  get position(): Position | undefined {
    return this.#position;
  }

  hear(message: ServerMessage): void {
    switch (message.type) {
      case 'subscribed':
        return this.#begin(message.position, message.recovered);
      case 'gap':
        return this.#gap(message.to, message.reason, message.from);
      case 'message':
        return this.#message(message.offset, message.data, message.key);
      case 'dropped':
        this.#skipped -= message.count;
        return;
      case 'caught-up':
        assert.equal(this.#isGapDue, false);
        if (this.#policy !== 'every') this.#move(message.offset);
        assert.equal(message.offset, this.#position?.offset);
        assert.equal(this.#skipped, 0, 'what was skipped was announced');
        return;
      default:
        assert.fail(`Expected nothing else, received ${JSON.stringify(message)}`);
    }
  }

  #begin(position: Position, recovered: boolean): void {
    this.#skipped = 0;
    this.#isGapDue = !recovered;
    if (this.#position === undefined) assert.ok(recovered);
    if (recovered && this.#position !== undefined) assert.deepEqual(position, this.#position);
    if (this.#position === undefined) this.#beginAt(position);
  }

  #gap(to: Position, reason: 'trimmed' | 'epoch', from: Position): void {
    assert.deepEqual(from, this.#position);
    assert.equal(this.#skipped, 0);
    if (reason === 'trimmed') {
      assert.equal(to.epoch, from.epoch);
      assert.ok(to.offset > from.offset);
      const kept = this.#policy === 'volatile' ? 0 : KEPT;
      assert.ok(to.offset <= (this.#published.get(to.epoch) ?? 0) - kept, 'nothing is given up that is kept');
    }
    this.#isGapDue = false;
    this.#beginAt(to);
  }

  #beginAt(position: Position): void {
    this.#position = position;
    this.beganAfter = position.offset;
    this.values.clear();
  }

  #message(offset: number, data: unknown, key: string | undefined): void {
    assert.equal(this.#isGapDue, false);
    const { epoch, offset: before } = this.#position ?? assert.fail('Expected a subscription');
    assert.ok(offset > before, `${offset} comes after ${before}`);
    if (this.#policy === 'every') assert.equal(offset, before + 1);
    assert.equal(data, `${offset}`);
    this.#move(offset - 1);
    this.#position = { epoch, offset };
    if (key !== undefined) this.values.set(key, offset);
  }

  #move(offset: number): void {
    const { epoch, offset: before } = this.#position ?? assert.fail('Expected a subscription');
    this.#skipped += offset - before;
    this.#position = { epoch, offset };
  }
}

/** One run: a hub, its clients, and what was published. */
class Run {
  readonly #clock = new FakeClock();
  readonly #broker = new LateBroker(this.#clock);
  readonly #believers: readonly Believer[];
  readonly #policy: DeliveryPolicy;
  #world: TestHub;
  #publishing: Promise<void>[] = [];
  #count = 0;

  constructor(policy: DeliveryPolicy) {
    this.#policy = policy;
    this.#world = this.#start();
    this.#believers = Array.from({ length: CLIENTS }, () => new Believer(policy, this.#broker.published));
  }

  async take(next: Step): Promise<void> {
    switch (next.type) {
      case 'publish':
        for (let i = 0; i < next.count; i++) this.#publish();
        return;
      case 'news':
        return this.#broker.tellNews(next.count);
      case 'answer':
        return this.#broker.answer(next.index);
      case 'read':
        return this.#read(this.#believers[next.client]);
      case 'lose':
        return this.#lose(this.#believers[next.client]);
      case 'restart':
        for (const believer of this.#believers) this.#lose(believer);
        this.#world = this.#start();
        return;
      case 'lose log':
        this.#count = 0;
        return this.#broker.lose();
    }
  }

  /** Lets happen what can without another step. */
  async rest(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#clock.advance(0);
  }

  /** Lets everything come to an end, and compares. */
  async finish(): Promise<void> {
    // That a log was lost is heard of with the next message.
    this.#publish();
    await this.#calm();
    await Promise.all(this.#publishing);
    const { epoch, head } = await this.#state();
    for (const believer of this.#believers) {
      assert.deepEqual(believer.position, { epoch, offset: head });
      if (this.#policy === 'latest') this.#checkNewest(believer, head);
    }
  }

  /** Every key that had a value since the beginning has its newest. */
  #checkNewest(believer: Believer, head: number): void {
    for (let offset = Math.max(believer.beganAfter + 1, head - KEYS + 1); offset <= head; offset++) {
      assert.equal(believer.values.get(keyOf(offset)), offset);
    }
  }

  async #state(): Promise<{ epoch: string; head: number }> {
    const asking = this.#broker.state(CHANNEL);
    this.#broker.arriveAll();
    return asking;
  }

  /** Everybody is there, everything arrives, everybody reads. */
  async #calm(): Promise<void> {
    for (let turn = 0; turn < 12; turn++) {
      for (const believer of this.#believers) this.#read(believer);
      this.#broker.arriveAll();
      await settle(this.#clock);
    }
  }

  #start(): TestHub {
    const history = this.#policy === 'volatile' ? { messages: 0 } : { messages: KEPT };
    return startHub(
      {
        namespaces: { any: { policy: this.#policy, history, maxMessageBytes: 64 } },
        authenticate: () => ({ user: 'ann', permissions: { channels: { 'any:*': ['subscribe'] } } }),
        broker: this.#broker,
        limits: { outboundBytes: 2600, readMessages: 3, channelFrameCacheBytes: 3000 },
      },
      this.#clock,
    );
  }

  #publish(): void {
    this.#count += 1;
    const offset = this.#count;
    const publishing = this.#world.hub.publish(CHANNEL, `${offset}`, { key: keyOf(offset) });
    this.#publishing.push(publishing.then((position) => assert.equal(position.offset, offset)));
  }

  #read(believer: Believer | undefined): void {
    if (believer === undefined) return;
    if (believer.connection === undefined) this.#connect(believer);
    for (const message of believer.connection?.transport.take() ?? []) {
      if (message.type !== 'connected') believer.hear(message);
    }
  }

  #connect(believer: Believer): void {
    const connection = this.#world.stranger();
    connection.say({ type: 'connect' });
    const since = believer.position;
    connection.say({ type: 'subscribe', channel: CHANNEL, ...(since && { since }) });
    believer.connection = connection;
  }

  #lose(believer: Believer | undefined): void {
    believer?.connection?.lose();
    if (believer !== undefined) believer.connection = undefined;
  }
}

function keyOf(offset: number): string {
  return `k${offset % KEYS}`;
}

describe('delivery, whatever happens', () => {
  for (const policy of ['every', 'latest', 'volatile'] as const) {
    it(`is as the model says where the policy is ${policy}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
          const run = new Run(policy);
          for (const next of steps) {
            await run.take(next);
            await run.rest();
          }
          await run.finish();
        }),
        { numRuns: 300 },
      );
    });
  }
});
