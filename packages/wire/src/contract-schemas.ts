/**
 * A contract at run time: a schema for each channel and method that one wants checked. The contract's type can be derived
 * from the schemas, so that it is written down once.
 */

import type { AnyContract, Contract, MethodInput, MethodName, MethodOutput } from './contract.ts';
import type { StandardSchema } from './standard-schema.ts';

/** The schemas of a method. */
export interface MethodSchemas<Input = unknown, Output = unknown> {
  readonly input?: StandardSchema<unknown, Input>;
  readonly output?: StandardSchema<unknown, Output>;
}

/** Schemas for a contract, or for a part of it. What has none is not checked. */
export interface ContractSchemas<C extends Contract = AnyContract> {
  /** By channel name, or pattern that ends in `*`. */
  readonly channels?: {
    readonly [Pattern in keyof C['channels']]?: StandardSchema<unknown, C['channels'][Pattern]>;
  };
  readonly methods?: {
    readonly [Method in MethodName<C>]?: MethodSchemas<MethodInput<C, Method>, MethodOutput<C, Method>>;
  };
}

type OutputOf<Schema> = Schema extends {
  readonly '~standard': { readonly types?: { readonly output: infer Output } | undefined };
}
  ? Output
  : never;

/**
 * The contract that schemas describe.
 *
 * @example
 * const schemas = { channels: { 'room:*': z.object({ text: z.string() }) } };
 * type Chat = ContractOf<typeof schemas>;
 */
export interface ContractOf<Schemas extends { readonly channels?: object; readonly methods?: object }> {
  readonly channels: {
    readonly [Pattern in keyof Schemas['channels']]: OutputOf<Schemas['channels'][Pattern]>;
  };
  readonly methods: {
    readonly [Method in keyof Schemas['methods']]: {
      readonly input: OutputOf<Field<Schemas['methods'][Method], 'input'>>;
      readonly output: OutputOf<Field<Schemas['methods'][Method], 'output'>>;
    };
  };
}

type Field<Value, Name extends string> = Value extends { readonly [N in Name]: infer Inner } ? Inner : never;

/** Finds what is said of a name: under the name itself, or else under the longest pattern that it matches. */
export function findByPattern<Value>(
  entries: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  if (entries === undefined) return undefined;
  if (Object.hasOwn(entries, name)) return entries[name];
  const patterns = Object.keys(entries).filter(
    (pattern) => pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1)),
  );
  const [longest] = patterns.sort((a, b) => b.length - a.length);
  return longest === undefined ? undefined : entries[longest];
}
