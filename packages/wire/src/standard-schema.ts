/**
 * Schemas of whichever library the application uses (zod, valibot, arktype and others have this face in common: Standard
 * Schema, version 1), to check at run time what a contract says at compile time. Both ends use it: the hub on what clients
 * publish and call with, the client on what it sends and receives.
 */

/** A schema, as far as it matters here. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** For the compiler alone. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** What is wrong with a value. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * Has a schema check a value.
 *
 * @param refuse Makes the error of what is wrong: the first issue with its path.
 * @returns The value as the schema gives it, with its defaults and conversions.
 * @throws What `refuse` made; TypeError if the schema answers later, for which nothing on the path of a message waits.
 */
export function checkSchema<Output>(
  schema: StandardSchema<unknown, Output>,
  value: unknown,
  refuse: (problem: string) => Error,
): Output {
  const result = schema['~standard'].validate(value);
  if (result instanceof Promise) {
    throw new TypeError('Expected a schema that answers at once, received a promise');
  }
  if (result.issues === undefined) return result.value;
  const [issue] = result.issues;
  const path = issue?.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  throw refuse(`${path ? `${path}: ` : ''}${issue?.message ?? 'refused by its schema'}`);
}
