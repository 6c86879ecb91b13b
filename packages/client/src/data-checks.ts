/** What is asked about data before it is sent and after it has come. `schemaChecks` makes these of schemas. */

import type { Data } from '@hawser/wire';

/** Each gives the data as it is to be used, or throws a HawserError with `invalid-data`. */
export interface DataChecks {
  /** What a channel carries, in both directions. */
  message(channel: string, data: unknown): Data;
  /** What a method takes. */
  input(method: string, data: unknown): Data;
  /** What a method gives. */
  output(method: string, data: unknown): Data;
}
