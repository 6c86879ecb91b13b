/** Ends a switch over a union: it compiles only while every variant has its case. */
export function assertNever(_value: never): never {
  throw new TypeError('Expected a known variant');
}
