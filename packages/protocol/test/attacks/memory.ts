/** Counts of memory, for attacks on it: what is kept after a collection, what is allocated, what is copied. */
import type { TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Bytes that are kept: the heap and what typed arrays have beside it. */
function keptBytes(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** How many more bytes are kept once it has run, as long as what it returns is. */
export function keptBy(run: () => object): number {
  const before = keptBytes();
  const kept = run();
  const after = keptBytes();
  // Used once more, so that it was kept until now.
  return kept === undefined ? 0 : after - before;
}

/** Counts the bytes that one typed array copies from another from now on, up to the end of the test. */
export function countCopies(t: TestContext): () => number {
  let copied = 0;
  const typedArray: Uint8Array = Object.getPrototypeOf(Uint8Array.prototype);
  const { set } = typedArray;
  t.mock.method(
    typedArray,
    'set',
    function count(this: Uint8Array, source: ArrayLike<number>, offset?: number) {
      copied += source.length;
      Reflect.apply(set, this, [source, offset]);
    },
  );
  return () => copied;
}

/** How many times as much work there is for twice as much input. */
export function growth(work: (size: number) => number, size: number): number {
  return work(2 * size) / work(size);
}
