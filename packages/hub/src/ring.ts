/** A queue whose items are found by their place: what a log in memory is made of. */

const MIN_CAPACITY = 8;

/** Items in order of arrival, in a buffer that grows and shrinks with them. */
export class Ring<Item> {
  /** A power of two of them, so that a place is found by masking. */
  #slots: (Item | undefined)[] = new Array<Item | undefined>(MIN_CAPACITY).fill(undefined);
  #start = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The item at a place, counted from the oldest; undefined if there is none. */
  at(index: number): Item | undefined {
    if (!(index >= 0 && index < this.#length)) return undefined;
    return this.#slots[(this.#start + index) & (this.#slots.length - 1)];
  }

  push(item: Item): void {
    if (this.#length === this.#slots.length) this.#resize(this.#length * 2);
    this.#slots[(this.#start + this.#length) & (this.#slots.length - 1)] = item;
    this.#length += 1;
  }

  /** Takes the oldest item. */
  shift(): Item | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#start];
    this.#slots[this.#start] = undefined;
    this.#start = (this.#start + 1) & (this.#slots.length - 1);
    this.#length -= 1;
    // At a quarter, not at half: else a ring at the border would be copied at every step.
    if (this.#slots.length > MIN_CAPACITY && this.#length <= this.#slots.length / 4) {
      this.#resize(this.#slots.length / 2);
    }
    return item;
  }

  #resize(capacity: number): void {
    const slots = new Array<Item | undefined>(capacity).fill(undefined);
    for (let i = 0; i < this.#length; i++) slots[i] = this.at(i);
    this.#slots = slots;
    this.#start = 0;
  }
}
