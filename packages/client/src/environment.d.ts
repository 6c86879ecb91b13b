/**
 * The few web globals that the client uses. The package compiles with `types: []` and without the DOM, so that it runs in
 * a page, in a worker and in Node.js.
 */

declare function setTimeout(callback: () => void, delayMs: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare function queueMicrotask(callback: () => void): void;
declare function btoa(bytes: string): string;
declare function atob(base64: string): string;

declare const performance: { now(): number };
declare const crypto: { getRandomValues(values: Uint32Array): Uint32Array };

declare class URL {
  constructor(url: string, base?: string);
  readonly href: string;
}

interface Event {
  readonly type: string;
}
declare const Event: { new (type: string): Event };

interface MessageEvent extends Event {
  readonly data: unknown;
}
declare const MessageEvent: { new (type: string, init: { readonly data: unknown }): MessageEvent };

declare class EventTarget {
  addEventListener(type: string, listener: ((event: Event) => void) | null): void;
  removeEventListener(type: string, listener: ((event: Event) => void) | null): void;
  dispatchEvent(event: Event): boolean;
}

declare class DOMException extends Error {
  constructor(message: string, name: string);
}
