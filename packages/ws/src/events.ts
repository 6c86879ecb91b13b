/**
 * The events that listeners of the EventTarget face get. They are not the runtime's: they have what `ws` gives, a
 * `target` that is the WebSocket included, and cost nothing where nobody listens by that face.
 */

/** What a `close` event can be made with. */
export interface CloseEventInit {
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
  readonly wasClean?: boolean | undefined;
}

/** What an `error` event can be made with. */
export interface ErrorEventInit {
  readonly error?: unknown;
  readonly message?: string | undefined;
}

/** An event; `open` has nothing beyond it. */
export class Event {
  readonly #type: string;
  readonly #target: unknown;

  constructor(type: string, target: unknown = null) {
    this.#type = type;
    this.#target = target;
  }

  /** The WebSocket that it happened on. */
  get target(): unknown {
    return this.#target;
  }

  /** Its name. */
  get type(): string {
    return this.#type;
  }
}

/** The connection is closed. */
export class CloseEvent extends Event {
  readonly #init: CloseEventInit;

  constructor(type: string, init: CloseEventInit = {}, target?: unknown) {
    super(type, target);
    this.#init = init;
  }

  /** The close code that was received; 1005 for none, 1006 without a Close frame. */
  get code(): number {
    return this.#init.code ?? 0;
  }

  /** The close reason that was received. */
  get reason(): string {
    return this.#init.reason ?? '';
  }

  /** Whether both sides have sent a Close frame. */
  get wasClean(): boolean {
    return this.#init.wasClean ?? false;
  }
}

/** Something broke. */
export class ErrorEvent extends Event {
  readonly #init: ErrorEventInit;

  constructor(type: string, init: ErrorEventInit = {}, target?: unknown) {
    super(type, target);
    this.#init = init;
  }

  /** What broke. */
  get error(): unknown {
    return this.#init.error ?? null;
  }

  /** The error's message. */
  get message(): string {
    return this.#init.message ?? '';
  }
}

/** A message came. */
export class MessageEvent extends Event {
  readonly #data: unknown;

  constructor(type: string, init: { readonly data?: unknown } = {}, target?: unknown) {
    super(type, target);
    this.#data = init.data ?? null;
  }

  /** A string for text, what `binaryType` says for binary. */
  get data(): unknown {
    return this.#data;
  }
}

makeEnumerable(Event.prototype, ['target', 'type']);
makeEnumerable(CloseEvent.prototype, ['code', 'reason', 'wasClean']);
makeEnumerable(ErrorEvent.prototype, ['error', 'message']);
makeEnumerable(MessageEvent.prototype, ['data']);

/** Shows accessors to those who enumerate, as the attributes of a web API are. */
export function makeEnumerable(prototype: object, names: readonly string[]): void {
  for (const name of names) Object.defineProperty(prototype, name, { enumerable: true });
}
