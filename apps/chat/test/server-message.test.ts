import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatMessage, ServerMessage } from '../contract/messages.ts';
import { decodeServerMessage, encodeServerMessage } from '../contract/server-message.ts';

const author = { id: 'p1', name: 'Ana' };
const message: ChatMessage = { id: 'm1', sequence: 7, author, text: 'hello', sentAt: 1 };

const messages: readonly ServerMessage[] = [
  { type: 'welcome', you: 'p1', epoch: 'e', recovery: 'complete', messages: [message], people: [author] },
  { type: 'welcome', you: 'p1', epoch: 'e', recovery: 'gap', messages: [], people: [] },
  { type: 'welcome', you: 'p1', epoch: 'e', recovery: 'restarted', messages: [], people: [] },
  { type: 'message', message },
  { type: 'person-here', person: author },
  { type: 'person-left', id: 'p1' },
  { type: 'accepted', id: 'm1', sequence: 7, sentAt: 1 },
  { type: 'postponed', id: 'm1', retryAfterMs: 250 },
  { type: 'refused', id: 'm1', reason: 'No' },
  { type: 'name-refused', reason: 'No' },
  { type: 'failure', code: 'not-json', reason: 'No' },
];

const malformed: readonly (readonly [json: string, message: RegExp])[] = [
  ['{"type":"surprise"}', /Expected type to be one of the contract/],
  ['{"type":"message"}', /Expected message to be an object, received nothing/],
  [
    '{"type":"welcome","you":"p1","epoch":"e","recovery":"maybe"}',
    /Expected recovery to be complete, gap or restarted/,
  ],
  [
    '{"type":"welcome","you":"p1","epoch":"e","recovery":"gap","messages":{}}',
    /Expected messages to be an array, received an object/,
  ],
  [
    '{"type":"welcome","you":"p1","epoch":"e","recovery":"gap","messages":[7]}',
    /Expected every item of messages to be an object, received a number/,
  ],
];

describe('server messages', () => {
  for (const sample of messages) {
    it(`come back from JSON: ${sample.type}`, () => {
      assert.deepEqual(decodeServerMessage(encodeServerMessage(sample)), sample);
    });
  }

  for (const [json, expected] of malformed) {
    it(`are refused when malformed: ${json.slice(0, 60)}`, () => {
      assert.throws(() => decodeServerMessage(json), {
        name: 'ContractError',
        code: 'malformed',
        message: expected,
      });
    });
  }
});
