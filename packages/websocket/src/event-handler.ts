/**
 * Event handler attributes (HTML §8.1.8.1): `onopen` and the like. A handler is a listener among the others: it stands
 * where the attribute was first given one, keeps the place while it is replaced, and loses it when it is set to null.
 * Used by `websocket.ts`.
 */

/** A function for an `on…` attribute. */
export type EventHandler<Target, E extends Event> = ((this: Target, event: E) => unknown) | null;

/** One attribute's handler, and itself the listener that calls it. */
export class EventHandlerSlot<Target extends EventTarget, E extends Event> {
  readonly #target: Target;
  readonly #type: string;
  #handler: EventHandler<Target, E> = null;

  constructor(target: Target, type: string) {
    this.#target = target;
    this.#type = type;
  }

  /** What the attribute's getter returns. */
  get handler(): EventHandler<Target, E> {
    return this.#handler;
  }

  /** What the attribute's setter does. */
  set handler(value: EventHandler<Target, E>) {
    const handler = isObject(value) ? value : null;
    if (handler === null) this.#target.removeEventListener(this.#type, this);
    else if (this.#handler === null) this.#target.addEventListener(this.#type, this);
    this.#handler = handler;
  }

  /** Called by the target: the event handler processing algorithm, as far as events that cannot be cancelled go. */
  handleEvent(event: E): void {
    // An object that cannot be called is kept and shown, and does nothing.
    if (typeof this.#handler === 'function') this.#handler.call(this.#target, event);
  }
}

/** Web IDL, [LegacyTreatNonObjectAsNull]: numbers, strings and the like become null. */
function isObject(value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}
