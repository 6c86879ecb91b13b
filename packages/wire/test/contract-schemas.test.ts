/** Contracts at run time: which schema holds for a name, what it says, and the types that follow from schemas. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import {
  type ChannelData,
  type ChannelName,
  type ContractOf,
  type ContractSchemas,
  checkSchema,
  findByPattern,
  type MethodInput,
  type MethodOutput,
  type StandardSchema,
} from '../src/index.ts';

const schemas = {
  channels: { 'room:*': z.object({ text: z.string() }), 'news:today': z.string() },
  methods: { rename: { input: z.object({ name: z.string() }), output: z.null() } },
};

type Chat = ContractOf<typeof schemas>;

/** Compiles only if both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const refuse = (problem: string): Error => new RangeError(problem);

describe('ContractOf', () => {
  it('derives names, data, inputs and outputs from the schemas', () => {
    const proofs: readonly true[] = [
      true satisfies Same<ChannelName<Chat>, `room:${string}` | 'news:today'>,
      true satisfies Same<ChannelData<Chat, 'room:lobby'>, { text: string }>,
      true satisfies Same<ChannelData<Chat, 'news:today'>, string>,
      true satisfies Same<MethodInput<Chat, 'rename'>, { name: string }>,
      true satisfies Same<MethodOutput<Chat, 'rename'>, null>,
    ];
    assert.equal(proofs.length, 5);
  });

  it('takes the schemas of a library for those of its contract', () => {
    const own: ContractSchemas<Chat> = schemas;
    assert.equal(own.channels?.['room:*'], schemas.channels['room:*']);
  });
});

describe('findByPattern', () => {
  const entries = { 'room:*': 1, 'room:vip-*': 2, 'room:vip-1': 3, '*': 4 };

  it('prefers the name itself, then the longest pattern', () => {
    assert.equal(findByPattern(entries, 'room:vip-1'), 3);
    assert.equal(findByPattern(entries, 'room:vip-2'), 2);
    assert.equal(findByPattern(entries, 'room:lobby'), 1);
    assert.equal(findByPattern(entries, 'news:today'), 4);
  });

  it('finds nothing where nothing is said', () => {
    assert.equal(findByPattern({ 'room:*': 1 }, 'news:today'), undefined);
    assert.equal(findByPattern(undefined, 'news:today'), undefined);
  });

  it('takes no name from a prototype', () => {
    assert.equal(findByPattern({ 'room:*': 1 }, 'constructor'), undefined);
    assert.equal(findByPattern({ 'room:*': 1 }, '__proto__'), undefined);
  });
});

describe('checkSchema', () => {
  it('gives the value as the schema gives it', () => {
    const schema = z.object({ text: z.string().default('none') });
    assert.deepEqual(checkSchema(schema, {}, refuse), { text: 'none' });
  });

  it('tells the first problem and where it is', () => {
    const schema = z.object({ people: z.array(z.object({ name: z.string() })) });
    assert.throws(
      () => checkSchema(schema, { people: [{ name: 1 }] }, refuse),
      (error) => error instanceof RangeError && error.message.startsWith('people.0.name: '),
    );
  });

  it('tells a problem that has no path', () => {
    assert.throws(
      () => checkSchema(answering({ issues: [{ message: 'No' }] }), 1, refuse),
      new RangeError('No'),
    );
    const keyed = answering({ issues: [{ message: 'No', path: [{ key: 'a' }, 0] }] });
    assert.throws(() => checkSchema(keyed, 1, refuse), new RangeError('a.0: No'));
    assert.throws(
      () => checkSchema(answering({ issues: [] }), 1, refuse),
      new RangeError('refused by its schema'),
    );
  });

  it('refuses a schema that answers later', () => {
    assert.throws(() => checkSchema(answering(Promise.resolve({ value: 1 })), 1, refuse), TypeError);
  });
});

type Answer = ReturnType<StandardSchema['~standard']['validate']>;

function answering(answer: Answer): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate: () => answer } };
}
