/**
 * Who is in the room. Somebody with three tabs is one person with three connections, comes with the first and leaves with the last.
 * No two people here have names that look the same: whoever comes second has to choose another.
 */

import type { Person } from '../contract/messages.ts';
import { foldName } from '../contract/name.ts';

export type Arrival = 'came' | 'renamed' | 'unchanged';

export class People {
  readonly #present = new Map<string, Presence>();
  readonly #idsByName = new Map<string, string>();

  get count(): number {
    return this.#present.size;
  }

  has(id: string): boolean {
    return this.#present.has(id);
  }

  list(): readonly Person[] {
    return [...this.#present].map(([id, { name }]) => ({ id, name }));
  }

  /** Whether somebody else who is here goes by this name. */
  isTaken(name: string, byOtherThan: string): boolean {
    const owner = this.#idsByName.get(foldName(name));
    return owner !== undefined && owner !== byOtherThan;
  }

  /** Counts one more connection of a person, who goes by the name given last. */
  enter({ id, name }: Person): Arrival {
    const present = this.#present.get(id);
    if (present === undefined) {
      this.#present.set(id, { name, connections: 1 });
      this.#idsByName.set(foldName(name), id);
      return 'came';
    }
    present.connections += 1;
    return this.rename({ id, name }) ? 'renamed' : 'unchanged';
  }

  /** Says whether the name is another than before. */
  rename({ id, name }: Person): boolean {
    const present = this.#present.get(id);
    if (present === undefined || present.name === name) return false;
    this.#idsByName.delete(foldName(present.name));
    this.#idsByName.set(foldName(name), id);
    present.name = name;
    return true;
  }

  nameOf(id: string): string | undefined {
    return this.#present.get(id)?.name;
  }

  /** Says whether that was the person's last connection. */
  leave(id: string): boolean {
    const present = this.#present.get(id);
    if (present === undefined) return false;
    present.connections -= 1;
    if (present.connections > 0) return false;
    this.#present.delete(id);
    this.#idsByName.delete(foldName(present.name));
    return true;
  }
}

interface Presence {
  name: string;
  connections: number;
}
