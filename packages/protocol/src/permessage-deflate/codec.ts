/**
 * The port behind which DEFLATE (RFC 1951) lies: the engine knows RFC 7692, the platform has a zlib. Both calls
 * answer at once, so compression adds no waiting state to the connection.
 */

/** Raw DEFLATE. */
export interface Codec {
  /**
   * Compresses into blocks that are not final, ended by an empty stored block (zlib's Z_SYNC_FLUSH), whose last four
   * bytes are 00 00 ff ff.
   *
   * @param windowBits Base-2 logarithm of the window, 9 to 15: no larger than the bytes and the dictionary need.
   * @param dictionary What the other side has in its window already; undefined for nothing.
   */
  deflate(bytes: Uint8Array, windowBits: number, dictionary: Uint8Array | undefined): Uint8Array;

  /**
   * Decompresses a whole message, whose last four bytes 00 00 ff ff have been removed.
   *
   * @param dictionary The window so far; undefined for nothing.
   * @param maxLength Longest result, in bytes.
   */
  inflate(bytes: Uint8Array, dictionary: Uint8Array | undefined, maxLength: number): Inflated;
}

/** What came of decompressing. */
export type Inflated =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'too-long' }
  | { readonly type: 'malformed'; readonly reason: string };
