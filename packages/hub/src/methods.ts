/**
 * What clients can call (RPC). A handler gets what its schema made of the input, and who calls; what it throws stays here,
 * unless it is a `CallError`, which is meant for the caller.
 */

import {
  type AnyContract,
  type Contract,
  checkSchema,
  type Data,
  type MethodInput,
  type MethodName,
  type MethodOutput,
  type MethodSchemas,
} from '@hawser/wire';
import { CommandError } from './command-error.ts';
import type { Identity } from './identity.ts';

/** Who calls. */
export interface Caller {
  readonly identity: Identity;
}

/** Carries a call out. */
export type MethodHandler<Input, Output> = (input: Input, caller: Caller) => Output | Promise<Output>;

/** The handlers of a contract's methods. */
export type MethodHandlers<C extends Contract = AnyContract> = {
  readonly [Method in MethodName<C>]: MethodHandler<MethodInput<C, Method>, MethodOutput<C, Method>>;
};

/**
 * A handler's refusal. The caller gets `call-refused` with the reason and the message, word for word; of everything else that a
 * handler throws it only learns that it happened.
 */
export class CallError extends Error {
  override readonly name = 'CallError';
  /** For programs, for example `name-taken`. */
  readonly reason: string;

  /** @param message For people. */
  constructor(reason: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}

type AnyHandler = (input: unknown, caller: Caller) => unknown;

/** All methods of a hub. */
export class Methods {
  readonly #handlers: ReadonlyMap<string, AnyHandler>;
  readonly #schemas: ReadonlyMap<string, MethodSchemas | undefined>;

  /**
   * @param handlers `MethodHandlers` of any contract: what they take is what the contract promises, or a schema checks.
   * @throws TypeError if one of them is no function.
   */
  constructor(handlers: object, schemas: Readonly<Record<string, MethodSchemas | undefined>> = {}) {
    this.#handlers = new Map(Object.entries(handlers).map(checkHandler));
    this.#schemas = new Map(Object.entries(schemas));
  }

  /**
   * Calls a method.
   *
   * @throws CommandError for what the caller may know, as a rejection; anything else is the handler's trouble.
   */
  async call(method: string, data: Data, caller: Caller): Promise<unknown> {
    const handler = this.#handlers.get(method);
    if (handler === undefined) throw new CommandError('unknown-method');
    const { input, output } = this.#schemas.get(method) ?? {};
    const checked =
      input === undefined ? data : checkSchema(input, data, (text) => new CommandError('invalid-data', text));
    try {
      const result = await handler(checked, caller);
      return output === undefined ? result : checkSchema(output, result, (text) => new TypeError(text));
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      throw new CommandError('call-refused', error.message, { reason: error.reason });
    }
  }
}

function checkHandler([name, handler]: [string, unknown]): [string, AnyHandler] {
  if (isHandler(handler)) return [name, handler];
  throw new TypeError(`Expected methods.${name} to be a function, received ${typeof handler}`);
}

function isHandler(value: unknown): value is AnyHandler {
  return typeof value === 'function';
}
