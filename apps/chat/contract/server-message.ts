/**
 * The server's half of the contract as JSON: written by the server, read and checked by the page.
 * The page checks too, so that a server of another version ends in a clear error and not in half a message on the screen.
 */

import type { JsonObject } from './json-object.ts';
import {
  malformed,
  parseJsonObject,
  readInteger,
  readObject,
  readObjects,
  readString,
} from './json-object.ts';
import type { ChatMessage, Person, Recovery, ServerMessage, Welcome } from './messages.ts';

export function encodeServerMessage(message: ServerMessage): string {
  return JSON.stringify(message);
}

/** @throws ContractError */
export function decodeServerMessage(json: string): ServerMessage {
  const object = parseJsonObject(json);
  const type = readString(object, 'type');
  switch (type) {
    case 'welcome':
      return readWelcome(object);
    case 'message':
      return { type, message: readChatMessage(readObject(object, 'message')) };
    case 'person-here':
      return { type, person: readPerson(readObject(object, 'person')) };
    case 'person-left':
      return { type, id: readString(object, 'id') };
    case 'accepted':
      return {
        type,
        id: readString(object, 'id'),
        sequence: readInteger(object, 'sequence'),
        sentAt: readInteger(object, 'sentAt'),
      };
    case 'postponed':
      return { type, id: readString(object, 'id'), retryAfterMs: readInteger(object, 'retryAfterMs') };
    case 'refused':
      return { type, id: readString(object, 'id'), reason: readString(object, 'reason') };
    case 'name-refused':
      return { type, reason: readString(object, 'reason') };
    case 'failure':
      return { type, code: readString(object, 'code'), reason: readString(object, 'reason') };
    default:
      throw malformed('type to be one of the contract', type);
  }
}

function readWelcome(object: JsonObject): Welcome {
  return {
    type: 'welcome',
    you: readString(object, 'you'),
    epoch: readString(object, 'epoch'),
    recovery: readRecovery(object),
    messages: readObjects(object, 'messages').map(readChatMessage),
    people: readObjects(object, 'people').map(readPerson),
  };
}

function readRecovery(object: JsonObject): Recovery {
  const recovery = readString(object, 'recovery');
  if (recovery === 'complete' || recovery === 'gap' || recovery === 'restarted') return recovery;
  throw malformed('recovery to be complete, gap or restarted', recovery);
}

function readChatMessage(object: JsonObject): ChatMessage {
  return {
    id: readString(object, 'id'),
    sequence: readInteger(object, 'sequence'),
    author: readPerson(readObject(object, 'author')),
    text: readString(object, 'text'),
    sentAt: readInteger(object, 'sentAt'),
  };
}

function readPerson(object: JsonObject): Person {
  return { id: readString(object, 'id'), name: readString(object, 'name') };
}
