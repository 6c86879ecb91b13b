/**
 * The few web globals that the hub may use. The package compiles with `types: []` and without the DOM, so whatever is not
 * declared here does not exist for it.
 */

declare const console: { error(...data: readonly unknown[]): void };

declare const performance: { now(): number };

/** A number in browsers, an object in Node.js. */
type TimerHandle = number | { unref(): unknown };
declare function setTimeout(callback: () => void, delayMs: number): TimerHandle;
declare function clearTimeout(timer: TimerHandle): void;
declare function queueMicrotask(callback: () => void): void;

declare const crypto: {
  getRandomValues(target: Uint8Array<ArrayBuffer>): unknown;
  readonly subtle: {
    digest(algorithm: 'SHA-256', data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
    importKey(
      format: 'raw',
      key: Uint8Array<ArrayBuffer>,
      algorithm: { readonly name: 'HMAC'; readonly hash: 'SHA-256' },
      extractable: false,
      usages: readonly ['verify'],
    ): Promise<import('jose').CryptoKey>;
  };
};

interface TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>;
}
declare const TextEncoder: { new (): TextEncoder };

interface TextDecoder {
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}
declare const TextDecoder: { new (): TextDecoder };

/** Decodes base64 to a text with a character for each byte. */
declare function atob(base64: string): string;

interface URL {
  readonly origin: string;
  readonly protocol: string;
  readonly hostname: string;
}
declare const URL: { new (text: string): URL };

// For the key sets of `key-set.ts`, and in the types of jose.

interface AbortSignal {
  readonly aborted: boolean;
}
declare const AbortSignal: { timeout(ms: number): AbortSignal };

interface Headers {
  get(name: string): string | null;
}

interface ByteReader {
  read(): Promise<{ readonly done: false; readonly value: Uint8Array } | { readonly done: true }>;
  cancel(): Promise<void>;
}

interface Response {
  readonly status: number;
  readonly body: { getReader(): ByteReader; cancel(): Promise<void> } | null;
}

declare function fetch(
  url: string,
  options: {
    readonly headers: Readonly<Record<string, string>>;
    readonly redirect: 'error';
    readonly signal: AbortSignal;
  },
): Promise<Response>;
