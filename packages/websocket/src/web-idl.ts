/**
 * What Web IDL does around a web API and a JavaScript class does not by itself: conversions of arguments, and the
 * shape of an interface. Used by `websocket-events.ts`, `websocket-url.ts` and `websocket.ts`.
 */

const MAX_UNSIGNED_SHORT = 0xffff;

/**
 * Converts to DOMString.
 *
 * @throws TypeError for a Symbol, as JavaScript does.
 */
export function toDomString(value: unknown): string {
  return `${value}`;
}

/**
 * Converts to USVString: a DOMString whose lone surrogates became U+FFFD.
 *
 * @throws TypeError for a Symbol.
 */
export function toUsvString(value: unknown): string {
  return Buffer.from(toDomString(value)).toString();
}

/** Converts to unsigned short: an integer modulo 2^16. */
export function toUnsignedShort(value: unknown): number {
  return Number(value) & MAX_UNSIGNED_SHORT;
}

/**
 * Converts to [EnforceRange] unsigned short.
 *
 * @throws TypeError for what is no number in range.
 */
export function toEnforcedUnsignedShort(value: unknown): number {
  const integer = Math.trunc(Number(value));
  if (integer >= 0 && integer <= MAX_UNSIGNED_SHORT) return integer;
  throw new TypeError(`Expected an integer of 0 to ${MAX_UNSIGNED_SHORT}, received ${String(value)}`);
}

/** Converts to [Clamp] unsigned short: the nearest integer in range, the even one of two; 0 for NaN. */
export function toClampedUnsignedShort(value: unknown): number {
  const clamped = Math.min(Math.max(Number(value), 0), MAX_UNSIGNED_SHORT);
  const floor = Math.floor(clamped);
  const isUp = clamped - floor > 0.5 || (clamped - floor === 0.5 && floor % 2 === 1);
  return (isUp ? floor + 1 : floor) || 0;
}

/**
 * Gives a class the shape of an interface: members that can be enumerated, and its name in
 * `Object.prototype.toString`.
 */
export function describeInterface(
  interfaceClass: { readonly name: string; readonly prototype: object },
  members: readonly string[],
): void {
  const { name, prototype } = interfaceClass;
  for (const member of members) Object.defineProperty(prototype, member, { enumerable: true });
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
}

/** Gives a class and its instances the constants of an interface. */
export function describeConstants(
  interfaceClass: { readonly prototype: object },
  constants: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(constants)) {
    const descriptor = { value, enumerable: true };
    Object.defineProperty(interfaceClass, name, descriptor);
    Object.defineProperty(interfaceClass.prototype, name, descriptor);
  }
}
