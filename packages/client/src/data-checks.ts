/** What is asked about data before it is sent and after it has come. `schemaChecks` makes these of schemas. */

/** Each gives the data as it is to be used, or throws a HawserError with `invalid-data`. */
export interface DataChecks {
  /** What a channel carries, in both directions. */
  message(channel: string, data: unknown): unknown;
  /** What a method takes. */
  input(method: string, data: unknown): unknown;
  /** What a method gives. */
  output(method: string, data: unknown): unknown;
}
