/** Calls (RPC): what handlers get, and what callers learn. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StandardSchema } from '@hawser/wire';
import { CallError } from '../src/index.ts';
import { settle, startHub } from './hubs.ts';

const wholeNumber: StandardSchema<unknown, number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      Number.isInteger(value)
        ? { value: Number(value) }
        : { issues: [{ message: 'Expected a whole number' }] },
  },
};

describe('call', () => {
  it('gives a handler its input and who calls, and the caller what it returns', async () => {
    const { client } = startHub({
      methods: {
        greet: (input, { identity }) => `${identity.user} says ${String(input)}`,
        later: async (input) => input,
        nothing: () => null,
        bytes: () => new Uint8Array([1, 2]),
      },
    });
    const ann = await client('ann');
    const call = async (method: string, data: string): Promise<unknown> => {
      const reply = await ann.ask({ type: 'call', method, data });
      return reply.type === 'result' ? reply.data : reply;
    };
    assert.equal(await call('greet', 'hello'), 'ann says hello');
    assert.equal(await call('later', 'hello'), 'hello');
    assert.equal(await call('nothing', ''), null);
    const bytes = await call('bytes', '');
    assert.ok(bytes instanceof Uint8Array);
    assert.deepEqual([...bytes], [1, 2]);
  });

  it('tells the caller a CallError word for word, and of everything else only that it happened', async () => {
    const secret = new Error('the password of the database is 1234');
    const { client, errors } = startHub({
      methods: {
        refuse: () => {
          throw new CallError('name-taken', 'Somebody has this name');
        },
        fail: async () => {
          throw secret;
        },
      },
    });
    const ann = await client();
    const id = 2;
    assert.deepEqual(await ann.ask({ type: 'call', method: 'refuse', data: 1 }), {
      type: 'error',
      id,
      code: 'call-refused',
      message: 'Somebody has this name',
      reason: 'name-taken',
    });
    const failed = await ann.ask({ type: 'call', method: 'fail', data: 1 });
    assert.deepEqual(failed, { type: 'error', id: id + 1, code: 'internal', message: 'The hub failed' });
    assert.deepEqual(errors, [secret]);
  });

  it('checks input and output by their schemas', async () => {
    const { client, errors } = startHub({
      methods: { double: (input) => Number(input) * 2, half: (input) => Number(input) / 2 },
      schemas: {
        methods: {
          double: { input: wholeNumber, output: wholeNumber },
          half: { input: wholeNumber, output: wholeNumber },
        },
      },
    });
    const ann = await client();
    const wrong = await ann.ask({ type: 'call', method: 'double', data: 'two' });
    assert.ok(wrong.type === 'error' && wrong.code === 'invalid-data');
    assert.equal((await ann.ask({ type: 'call', method: 'double', data: 2 })).type, 'result');
    const broken = await ann.ask({ type: 'call', method: 'half', data: 3 });
    assert.ok(
      broken.type === 'error' && broken.code === 'internal',
      'what a handler gives is no fault of the caller',
    );
    assert.equal(errors.length, 1);
  });

  it('knows no method that was not given', async () => {
    const { client } = startHub({ methods: { real: () => 1 } });
    const ann = await client();
    for (const method of ['other', 'constructor', '__proto__', 'toString']) {
      const reply = await ann.ask({ type: 'call', method, data: 1 });
      assert.ok(reply.type === 'error' && reply.code === 'unknown-method', method);
    }
  });

  it('does not hold up the commands behind it', async () => {
    const { client, clock } = startHub({ methods: { never: () => new Promise<string>(() => undefined) } });
    const ann = await client();
    ann.say({ type: 'call', method: 'never', data: 1 });
    await settle(clock);
    assert.equal((await ann.ask({ type: 'ping' })).type, 'pong');
    assert.equal((await ann.publish('room:a', 1)).type, 'published');
  });

  it('is refused at the start if a method is no function', () => {
    assert.throws(() => startHub(JSON.parse('{"methods":{"oops":1}}')), {
      name: 'TypeError',
      message: 'Expected methods.oops to be a function, received number',
    });
  });
});
