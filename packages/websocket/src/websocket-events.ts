/**
 * The events of the standard's WebSocket: CloseEvent and ErrorEvent (the runtime's own where it has them), which event
 * comes under which name, and an EventTarget whose methods know it. Used by `websocket.ts`.
 */

import { describeInterface, toDomString, toUnsignedShort, toUsvString } from './web-idl.ts';

type EventInit = NonNullable<ConstructorParameters<typeof Event>[1]>;
type ListenerOptions = Parameters<EventTarget['addEventListener']>[2];
type Listener = ((event: Event) => void) | { handleEvent(event: Event): void };

/** How a connection ended (WebSockets Standard §6). */
export interface CloseEvent extends Event {
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean;
  /** The close code that the server sent; 1005 if its Close frame had none, 1006 if there was no Close frame. */
  readonly code: number;
  /** The close reason that the server sent. */
  readonly reason: string;
}

/** What a CloseEvent is made of; by default it was not clean, with code 0 and an empty reason. */
export interface CloseEventInit extends EventInit {
  wasClean?: boolean;
  code?: number;
  reason?: string;
}

/** Why a connection failed. The standard hides it from pages; a program may know. */
export interface ErrorEvent extends Event {
  /** The error's message. */
  readonly message: string;
  /** The error: a HandshakeError, ProtocolError or LimitError, or the socket's own. */
  // biome-ignore lint/suspicious/noExplicitAny: HTML declares the member so, and the runtime's own class may be used.
  readonly error: any;
}

/** What an ErrorEvent is made of. */
export interface ErrorEventInit extends EventInit {
  message?: string;
  error?: unknown;
}

type CloseEventConstructor = new (type: string, init?: CloseEventInit) => CloseEvent;
type ErrorEventConstructor = new (type: string, init?: ErrorEventInit) => ErrorEvent;

const OwnCloseEvent = class CloseEvent extends Event {
  readonly #wasClean: boolean;
  readonly #code: number;
  readonly #reason: string;

  constructor(type: string, init: CloseEventInit | null = {}) {
    // biome-ignore lint/complexity/noArguments: only the count tells no argument from one that is undefined.
    if (arguments.length === 0) throw new TypeError('Expected a type, received no argument');
    const { wasClean = false, code = 0, reason = '' } = init ?? {};
    super(type, init ?? {});
    this.#wasClean = Boolean(wasClean);
    this.#code = toUnsignedShort(code);
    this.#reason = toUsvString(reason);
  }

  get wasClean(): boolean {
    return this.#wasClean;
  }

  get code(): number {
    return this.#code;
  }

  get reason(): string {
    return this.#reason;
  }
};

const OwnErrorEvent = class ErrorEvent extends Event {
  readonly #message: string;
  readonly #error: unknown;

  constructor(type: string, init: ErrorEventInit | null = {}) {
    // biome-ignore lint/complexity/noArguments: only the count tells no argument from one that is undefined.
    if (arguments.length === 0) throw new TypeError('Expected a type, received no argument');
    const { message = '', error } = init ?? {};
    super(type, init ?? {});
    this.#message = toDomString(message);
    this.#error = error;
  }

  get message(): string {
    return this.#message;
  }

  get error(): unknown {
    return this.#error;
  }
};

describeInterface(OwnCloseEvent, ['wasClean', 'code', 'reason']);
describeInterface(OwnErrorEvent, ['message', 'error']);

const runtime: object = globalThis;

/** The runtime's CloseEvent, or one that is made as the standard says. */
export const CloseEvent: CloseEventConstructor =
  'CloseEvent' in runtime && isCloseEvent(runtime.CloseEvent) ? runtime.CloseEvent : OwnCloseEvent;

/** The runtime's ErrorEvent, or one that is made as HTML says. */
export const ErrorEvent: ErrorEventConstructor =
  'ErrorEvent' in runtime && isErrorEvent(runtime.ErrorEvent) ? runtime.ErrorEvent : OwnErrorEvent;

/** The events of a WebSocket by their names. */
export interface WebSocketEventMap {
  open: Event;
  message: MessageEvent;
  error: ErrorEvent;
  close: CloseEvent;
}

/** An EventTarget that knows which event comes under which name. */
export interface WebSocketEventTarget extends EventTarget {
  addEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: (this: this, event: WebSocketEventMap[K]) => unknown,
    options?: ListenerOptions,
  ): void;
  addEventListener(type: string, listener: Listener, options?: ListenerOptions): void;
  removeEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: (this: this, event: WebSocketEventMap[K]) => unknown,
    options?: ListenerOptions,
  ): void;
  removeEventListener(type: string, listener: Listener, options?: ListenerOptions): void;
}

/** The runtime's EventTarget, typed. */
export const WebSocketEventTarget: new () => WebSocketEventTarget = EventTarget;

function isCloseEvent(value: unknown): value is CloseEventConstructor {
  return typeof value === 'function';
}

function isErrorEvent(value: unknown): value is ErrorEventConstructor {
  return typeof value === 'function';
}
