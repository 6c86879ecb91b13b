/**
 * Events with typed names, for the client and its channels. Emitting allocates nothing: the lists are replaced when
 * somebody comes or goes, never changed.
 */

/** Stops listening; does nothing when called again. */
export type StopListening = () => void;

type Listeners<Events> = { [Name in keyof Events]?: readonly ((event: Events[Name]) => void)[] };

/** Who listens to what. */
export class Emitter<Events extends object> {
  readonly #listeners: Listeners<Events> = {};

  /** Calls the listener at every event of this name. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): StopListening {
    // A function of its own, so that a listener that is given twice is called twice, and stopped one by one.
    const own = (event: Events[Name]): void => listener(event);
    this.#listeners[name] = [...(this.#listeners[name] ?? []), own];
    return () => {
      this.#listeners[name] = this.#listeners[name]?.filter((other) => other !== own);
    };
  }

  /** Whether nobody listens to anything. */
  get isIdle(): boolean {
    return Object.values(this.#listeners).flat().length === 0;
  }

  /** Calls the listeners. What one throws is nobody's business but the platform's, as with its own events. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of this.#listeners[name] ?? []) {
      try {
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
