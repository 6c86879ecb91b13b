/**
 * Reading a JSON object field by field, with the type checked at each step, so that what comes off the wire has a type
 * only after it has earned it. `client-message.ts` and `server-message.ts` are written in these words.
 */

/** What came is not a message of the contract. The message says what was expected and what was received. */
export class ContractError extends Error {
  readonly code: 'not-json' | 'malformed';

  constructor(code: ContractError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ContractError';
    this.code = code;
  }
}

export interface JsonObject {
  readonly [field: string]: unknown;
}

export function parseJsonObject(json: string): JsonObject {
  const value = parseJson(json);
  if (!isJsonObject(value)) throw malformed('a JSON object', value);
  return value;
}

export function readString(object: JsonObject, field: string): string {
  const value = object[field];
  if (typeof value !== 'string') throw malformed(`${field} to be a string`, value);
  return value;
}

/** Integers only, and only those that a double holds exactly. */
export function readInteger(object: JsonObject, field: string): number {
  const value = object[field];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw malformed(`${field} to be a non-negative integer`, value);
  }
  return value;
}

export function readObject(object: JsonObject, field: string): JsonObject {
  const value = object[field];
  if (!isJsonObject(value)) throw malformed(`${field} to be an object`, value);
  return value;
}

export function readOptionalObject(object: JsonObject, field: string): JsonObject | undefined {
  return object[field] === undefined ? undefined : readObject(object, field);
}

export function readObjects(object: JsonObject, field: string): readonly JsonObject[] {
  const value: unknown = object[field];
  if (!Array.isArray(value)) throw malformed(`${field} to be an array`, value);
  return value.map((item: unknown) => {
    if (!isJsonObject(item)) throw malformed(`every item of ${field} to be an object`, item);
    return item;
  });
}

export function malformed(expected: string, received: unknown): ContractError {
  return new ContractError('malformed', `Expected ${expected}, received ${describe(received)}`);
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new ContractError('not-json', 'Expected JSON, received something else', { cause });
  }
}

function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names the kind and not the content: the content is the peer's, and may be long. */
function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
