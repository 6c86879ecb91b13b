/**
 * The page's half of the contract as JSON: written by the page, read and checked by the server.
 * Only the form is checked here; whether a name or a text will do is the room's to say, so that the answer can name the rule.
 */

import type { JsonObject } from './json-object.ts';
import { malformed, parseJsonObject, readInteger, readOptionalObject, readString } from './json-object.ts';
import { maxIdLength, minKeyLength } from './limits.ts';
import type { ClientMessage, Position } from './messages.ts';

export function encodeClientMessage(message: ClientMessage): string {
  return JSON.stringify(message);
}

/** @throws ContractError */
export function decodeClientMessage(json: string): ClientMessage {
  const object = parseJsonObject(json);
  const type = readString(object, 'type');
  switch (type) {
    case 'join':
      return {
        type,
        key: readId(object, 'key', minKeyLength),
        name: readString(object, 'name'),
        since: readPosition(object, 'since'),
      };
    case 'rename':
      return { type, name: readString(object, 'name') };
    case 'post':
      return { type, id: readId(object, 'id', 1), text: readString(object, 'text') };
    default:
      throw malformed('type to be join, rename or post', type);
  }
}

function readPosition(object: JsonObject, field: string): Position | undefined {
  const position = readOptionalObject(object, field);
  if (position === undefined) return undefined;
  return { epoch: readId(position, 'epoch', 1), sequence: readInteger(position, 'sequence') };
}

function readId(object: JsonObject, field: string, minLength: number): string {
  const id = readString(object, field);
  const wellFormed = id.length >= minLength && id.length <= maxIdLength && /^[\w-]+$/.test(id);
  if (!wellFormed)
    throw malformed(`${field} to be ${minLength} to ${maxIdLength} letters, digits, - or _`, id);
  return id;
}
