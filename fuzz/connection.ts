/**
 * Fuzzes the whole connection, both roles: a random peer (`traffic.ts`) whose bytes come in random pieces, and a random
 * owner that pulls or pauses, sends, closes, fails, and has a transport that is stuck now and then. After each step the
 * engine has told and said what the slow model of `reference-connection.ts` tells and says, and in the end it has given
 * back all memory.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Role } from '../packages/protocol/src/index.ts';
import { concat, cut, cuts } from './chunks.ts';
import { EngineConnection, type Negotiated } from './engine-connection.ts';
import { type ConnectionSettings, ReferenceConnection } from './reference-connection.ts';
import { hex, target } from './target.ts';
import { type Act, damage, Sender, traffic } from './traffic.ts';

/** What the owner of the connection does. */
type Step =
  | { readonly type: 'receive' | 'pull' | 'take' }
  | { readonly type: 'end' | 'abandon' | 'fail' }
  | { readonly type: 'pause'; readonly on: boolean }
  | { readonly type: 'stuck'; readonly on: boolean }
  | { readonly type: 'send'; readonly opcode: 1 | 2; readonly text: string; readonly compress: boolean }
  | {
      readonly type: 'fragment';
      readonly opcode: 1 | 2;
      readonly text: string;
      readonly compress: boolean;
      readonly isLast: boolean;
    }
  | { readonly type: 'control'; readonly opcode: 9 | 10; readonly text: string }
  | { readonly type: 'close'; readonly code: number | undefined; readonly reason: string };

interface Input {
  readonly settings: ConnectionSettings;
  readonly streaming: boolean;
  readonly negotiated: Negotiated | undefined;
  readonly bytes: Uint8Array;
  readonly cuts: readonly number[];
  readonly steps: readonly Step[];
  /** Whether the transport has ended before the rest is read. */
  readonly endsEarly: boolean;
}

const text = fc.constantFrom(
  '',
  'a',
  'Hello',
  'é€👋',
  'x'.repeat(125),
  'y'.repeat(126),
  'z'.repeat(1400),
  'w'.repeat(5000),
);
const opcode = fc.constantFrom<1 | 2>(1, 2);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.constant({ type: 'receive' as const }) },
  { weight: 3, arbitrary: fc.constantFrom<Step>({ type: 'pull' }, { type: 'take' }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('pause' as const), on: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('stuck' as const), on: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('send' as const), opcode, text, compress: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('fragment' as const),
      opcode,
      text,
      compress: fc.boolean(),
      isLast: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('control' as const),
      opcode: fc.constantFrom<9 | 10>(9, 10),
      text: fc.constantFrom('', 'p', 'q'.repeat(125)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Step>(
      { type: 'close', code: 1000, reason: 'bye' },
      { type: 'close', code: undefined, reason: '' },
      { type: 'end' },
      { type: 'abandon' },
      { type: 'fail' },
    ),
  },
);

const negotiated: fc.Arbitrary<Negotiated> = fc.record({
  serverNoContextTakeover: fc.boolean(),
  clientNoContextTakeover: fc.boolean(),
  serverMaxWindowBits: fc.constantFrom(8, 9, 15),
  clientMaxWindowBits: fc.constantFrom(8, 9, 15),
  threshold: fc.constantFrom(0, 126, 100_000),
});

const inputs: fc.Arbitrary<Input> = fc
  .record({
    role: fc.constantFrom<Role>('client', 'server'),
    streaming: fc.boolean(),
    negotiated: fc.option(negotiated, { nil: undefined, freq: 1 }),
    maxFramePayloadLength: fc.constantFrom(100, 1000, 1_000_000),
    maxMessageLength: fc.constantFrom(100, 1000, 1_000_000),
    maxFragments: fc.constantFrom(2, 5, 100_000),
    maxBufferedOutput: fc.constantFrom(300, 1_000_000),
    acts: traffic,
    isDamaged: fc.constantFrom(false, false, false, true),
    cuts,
    steps: fc.array(step, { maxLength: 40, size: 'max' }),
    endsEarly: fc.boolean(),
  })
  .chain(({ acts, isDamaged, ...rest }) => {
    const bytes = fc.constant(send(acts, rest.role, rest.negotiated));
    return fc.record({ rest: fc.constant(rest), bytes: isDamaged ? damage(bytes) : bytes });
  })
  .map(({ rest, bytes }) => ({ ...rest, bytes, settings: settingsOf(rest) }));

export const connection = target<Input>({ name: 'connection', inputs, check, show });

function check({ settings, streaming, negotiated, bytes, cuts: lengths, steps, endsEarly }: Input): void {
  const run = new Run(
    new EngineConnection(settings, streaming, negotiated),
    new ReferenceConnection(settings),
  );
  const chunks = cut(bytes, lengths);
  for (const each of steps) run.take(each, chunks);
  run.take({ type: 'pause', on: endsEarly }, chunks);
  while (chunks.length > 0) run.take({ type: 'receive' }, chunks);
  const rest = endsEarly ? endings.early : endings.late;
  for (const type of rest) run.take({ type }, chunks);
  assert.equal(run.engine.heldBytes, 0);
}

const endings = {
  early: ['end', 'pull', 'take', 'abandon', 'pull'],
  late: ['pull', 'take', 'end', 'pull', 'take', 'abandon', 'pull'],
} as const;

/** The engine and its model, step by step. */
class Run {
  readonly engine: EngineConnection;
  readonly #model: ReferenceConnection;
  #isPaused = false;

  constructor(engine: EngineConnection, model: ReferenceConnection) {
    this.engine = engine;
    this.#model = model;
  }

  take(each: Step, chunks: Uint8Array[]): void {
    this.#perform(each, chunks);
    if (!this.#isPaused || each.type === 'pull') this.#pull();
    assert.equal(this.engine.state, this.#model.state);
    assert.deepEqual(this.engine.closeStatus, this.#model.closeStatus);
  }

  #perform(each: Step, chunks: Uint8Array[]): void {
    switch (each.type) {
      case 'receive':
        return this.#receive(chunks.shift());
      case 'pause':
        this.#isPaused = each.on;
        return;
      case 'take':
        return this.engine.expectSaid(this.#model.takeOutput());
      case 'pull':
        return;
      default:
        assert.equal(act(this.engine, each), act(this.#model, each));
    }
  }

  #receive(chunk: Uint8Array = new Uint8Array(0)): void {
    this.#model.receive(chunk);
    this.engine.receive(chunk);
  }

  #pull(): void {
    let told = this.#model.nextEvent();
    for (; told !== undefined; told = this.#model.nextEvent()) this.engine.expectTold(told);
    this.engine.expectTold(undefined);
    this.engine.expectPartial(this.#model.partial);
  }
}

type Deed = Exclude<Step, { type: 'receive' | 'pull' | 'take' | 'pause' }>;

/** The same deed on either. Returns what a method that sends returns. */
function act(subject: EngineConnection | ReferenceConnection, each: Deed): boolean | 'misuse' {
  switch (each.type) {
    case 'send':
      return subject.sendMessage(each.opcode, Buffer.from(each.text), each.compress);
    case 'fragment':
      return subject.sendFragment(each.opcode, Buffer.from(each.text), each.isLast, each.compress);
    case 'control':
      return subject.sendControl(each.opcode, Buffer.from(each.text));
    case 'close':
      subject.close(each.code, each.reason);
      return true;
    case 'stuck':
      subject.setStuck(each.on);
      return true;
    case 'end':
      subject.receiveEnd();
      return true;
    case 'abandon':
      subject.abandon();
      return true;
    case 'fail':
      subject.fail();
      return true;
  }
}

/** The bytes of the peer. */
function send(acts: readonly Act[], role: Role, agreed: Negotiated | undefined): Uint8Array {
  const receiving = agreed && receivingOf(role, agreed);
  const sender = new Sender(role === 'server' ? 'client' : 'server', receiving);
  return concat(...acts.map((each) => each(sender)));
}

type Numbers = Pick<
  ConnectionSettings,
  'role' | 'maxFramePayloadLength' | 'maxMessageLength' | 'maxFragments' | 'maxBufferedOutput'
>;

function settingsOf(given: Numbers & { readonly negotiated: Negotiated | undefined }): ConnectionSettings {
  const { negotiated: agreed, role, ...numbers } = given;
  if (agreed === undefined) return { ...pick(numbers), role, inflating: undefined, deflatesFrom: undefined };
  const sendingBits = role === 'server' ? agreed.serverMaxWindowBits : agreed.clientMaxWindowBits;
  // How long a compressed message is, the model does not know: its output is bounded elsewhere.
  return {
    ...pick(numbers),
    role,
    maxBufferedOutput: 1_000_000,
    inflating: receivingOf(role, agreed),
    deflatesFrom: sendingBits === 8 ? undefined : agreed.threshold,
  };
}

function pick(numbers: Omit<Numbers, 'role'>): Omit<Numbers, 'role'> {
  const { maxFramePayloadLength, maxMessageLength, maxFragments, maxBufferedOutput } = numbers;
  return { maxFramePayloadLength, maxMessageLength, maxFragments, maxBufferedOutput };
}

function receivingOf(role: Role, agreed: Negotiated): { takesOver: boolean; windowBits: number } {
  return role === 'server'
    ? { takesOver: !agreed.clientNoContextTakeover, windowBits: agreed.clientMaxWindowBits }
    : { takesOver: !agreed.serverNoContextTakeover, windowBits: agreed.serverMaxWindowBits };
}

function show({
  settings,
  streaming,
  negotiated: agreed,
  bytes,
  cuts: lengths,
  steps,
  endsEarly,
}: Input): string {
  return [
    `settings ${JSON.stringify(settings)}, streaming ${streaming}, endsEarly ${endsEarly}`,
    `negotiated ${JSON.stringify(agreed)}`,
    `bytes ${hex(bytes)}`,
    `cut ${JSON.stringify(lengths)}`,
    ...steps.map((each) => JSON.stringify(each)),
  ].join('\n');
}
