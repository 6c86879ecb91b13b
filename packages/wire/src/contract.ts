/**
 * The contract between an application's hub and its clients as a type: which channels carry what, and what the methods
 * take and give. It exists at compile time only; a hub that does not trust its clients gives a schema besides.
 */

import type { Data } from './messages.ts';

/**
 * What an application's channels carry and its methods do.
 *
 * @example
 * interface Chat {
 *   channels: { 'room:*': { text: string }; 'news:today': string };
 *   methods: { rename: { input: { name: string }; output: null } };
 * }
 */
export interface Contract {
  /** From a channel's name, or from a pattern that ends in `*`, to the type of its data. */
  readonly channels: object;
  /** From a method's name to what it takes and gives. */
  readonly methods: object;
}

/** The contract of an application that declares none: every channel and every method, with any data. */
export interface AnyContract {
  readonly channels: { readonly [channel: string]: Data };
  readonly methods: { readonly [method: string]: { readonly input: Data; readonly output: Data } };
}

type Patterns<C extends Contract> = keyof C['channels'] & string;

type NameOf<Pattern extends string> = Pattern extends `${infer Start}*` ? `${Start}${string}` : Pattern;

/** The names that a contract's channels may have. */
export type ChannelName<C extends Contract> = NameOf<Patterns<C>>;

/** What a channel carries: what its own name says, or else the patterns that it matches. */
export type ChannelData<C extends Contract, Channel extends string> =
  Channel extends Patterns<C>
    ? C['channels'][Channel]
    : { [P in Patterns<C>]: Channel extends NameOf<P> ? C['channels'][P] : never }[Patterns<C>];

/** The names of a contract's methods. */
export type MethodName<C extends Contract> = keyof C['methods'] & string;

/** What a method takes. */
export type MethodInput<C extends Contract, Method extends MethodName<C>> = C['methods'][Method] extends {
  readonly input: infer Input;
}
  ? Input
  : never;

/** What a method gives. */
export type MethodOutput<C extends Contract, Method extends MethodName<C>> = C['methods'][Method] extends {
  readonly output: infer Output;
}
  ? Output
  : never;
