import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeClientMessage, encodeClientMessage } from '../contract/client-message.ts';
import { ContractError } from '../contract/json-object.ts';
import type { ClientMessage } from '../contract/messages.ts';

const key = 'k'.repeat(32);

const messages: readonly ClientMessage[] = [
  { type: 'join', key, name: 'Ana', since: undefined },
  { type: 'join', key, name: 'Ana', since: { epoch: 'e-1', sequence: 0 } },
  { type: 'rename', name: '' },
  { type: 'post', id: 'm_1', text: 'hello' },
  { type: 'post', id: 'm2', text: '' },
];

const malformed: readonly (readonly [json: string, message: RegExp])[] = [
  ['[]', /Expected a JSON object, received an array/],
  ['null', /Expected a JSON object, received null/],
  ['"post"', /Expected a JSON object, received a string/],
  ['{}', /Expected type to be a string, received nothing/],
  ['{"type":"shout"}', /Expected type to be join, rename or post/],
  ['{"type":"__proto__"}', /Expected type to be join, rename or post/],
  ['{"type":"post","id":"m1"}', /Expected text to be a string, received nothing/],
  ['{"type":"post","id":7,"text":"x"}', /Expected id to be a string, received a number/],
  ['{"type":"post","id":"","text":"x"}', /Expected id to be 1 to 64 letters/],
  ['{"type":"post","id":"a b","text":"x"}', /Expected id to be 1 to 64 letters/],
  [`{"type":"post","id":"${'m'.repeat(65)}","text":"x"}`, /Expected id to be 1 to 64 letters/],
  ['{"type":"join","key":"short","name":"Ana"}', /Expected key to be 16 to 64 letters/],
  [`{"type":"join","key":"${key}","name":{}}`, /Expected name to be a string, received an object/],
  [
    `{"type":"join","key":"${key}","name":"Ana","since":3}`,
    /Expected since to be an object, received a number/,
  ],
  [
    `{"type":"join","key":"${key}","name":"Ana","since":{"epoch":"e","sequence":-1}}`,
    /Expected sequence to be a non-negative integer/,
  ],
  [
    `{"type":"join","key":"${key}","name":"Ana","since":{"epoch":"e","sequence":1e300}}`,
    /Expected sequence to be a non-negative integer/,
  ],
];

describe('client messages', () => {
  for (const message of messages) {
    it(`come back from JSON: ${JSON.stringify(message)}`, () => {
      assert.deepEqual(decodeClientMessage(encodeClientMessage(message)), message);
    });
  }

  for (const [json, message] of malformed) {
    it(`are refused when malformed: ${json.slice(0, 60)}`, () => {
      assert.throws(() => decodeClientMessage(json), { name: 'ContractError', code: 'malformed', message });
    });
  }

  for (const json of ['', '{', 'hello', '{"type":"post",}']) {
    it(`are refused when not JSON: ${JSON.stringify(json)}`, () => {
      assert.throws(
        () => decodeClientMessage(json),
        (error) => {
          assert.ok(error instanceof ContractError && error.cause instanceof SyntaxError);
          return error.code === 'not-json';
        },
      );
    });
  }
});
