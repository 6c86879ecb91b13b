/** Unguessable names: of sessions, of epochs, of hubs. */

const BYTES = 18;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Fills an array with random bytes. */
export type FillRandom = (target: Uint8Array<ArrayBuffer>) => unknown;

/** 24 characters of base64url, 144 bits from the platform's cryptographic generator. */
export function randomText(fillRandom: FillRandom = (target) => crypto.getRandomValues(target)): string {
  const bytes = new Uint8Array(BYTES);
  fillRandom(bytes);
  const codes: number[] = [];
  for (let i = 0; i < BYTES; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) codes.push(alphabet.charCodeAt((word >> shift) & 63));
  }
  // In one piece: a text that was put together from its characters keeps every one of them, which is thirty times as much.
  return String.fromCharCode(...codes);
}
