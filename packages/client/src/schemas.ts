/**
 * Checks of what is sent and received by schemas of any library that has the face of Standard Schema: zod, valibot, arktype
 * and others. An entry point of its own, because not every page wants it.
 */

import {
  type AnyContract,
  type Contract,
  type ContractSchemas,
  checkSchema,
  type Data,
  findByPattern,
  type MethodSchemas,
  type StandardSchema,
} from '@hawser/wire';
import type { DataChecks } from './data-checks.ts';
import { HawserError } from './errors.ts';

/** Schemas, whatever the contract. */
interface AnySchemas {
  readonly channels?: Readonly<Record<string, StandardSchema | undefined>>;
  readonly methods?: Readonly<Record<string, MethodSchemas | undefined>>;
}

/**
 * Has a client check data: a message that does not pass is not published, one that comes and does not pass is told by the
 * event `invalid`, and a call rejects. What has no schema passes.
 *
 * @throws TypeError while in use, if a schema answers later: nothing on the path of a message waits.
 * @example
 * const schemas = { channels: { 'room:*': z.object({ text: z.string() }) } };
 * const client = new Client<ContractOf<typeof schemas>>(url, { checks: schemaChecks(schemas) });
 */
export function schemaChecks<C extends Contract = AnyContract>(schemas: ContractSchemas<C>): DataChecks {
  const { channels, methods }: AnySchemas = schemas;
  return {
    message: (channel, data) => check(findByPattern(channels, channel), data),
    input: (method, data) => check(findByPattern(methods, method)?.input, data),
    output: (method, data) => check(findByPattern(methods, method)?.output, data),
  };
}

/** What a schema makes of data is data again; if JSON cannot say it, that is found out when it is encoded. */
function check(schema: StandardSchema | undefined, data: unknown): Data {
  const problem = (message: string): Error => new HawserError({ code: 'invalid-data', message });
  return (schema === undefined ? data : checkSchema(schema, data, problem)) as Data;
}
