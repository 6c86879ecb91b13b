/**
 * What can be fuzzed: a name, random inputs, what must hold of each, and how to show one. A target runs a number of
 * cases from a seed; a failure is shrunk to the least input that still fails, and its path leads back to it.
 * Before: the targets; after: `main.ts` and the short run among the tests.
 */
import fc from 'fast-check';

/** One thing that is fuzzed, whatever its inputs are. */
export interface Target {
  readonly name: string;
  /** Tries `runs` inputs; with a path, the one that it leads to. Undefined if all was well. */
  run(runs: number, seed: number, path?: string): Failure | undefined;
}

/** An input that broke what must hold. */
export interface Failure {
  readonly target: string;
  readonly seed: number;
  /** The number of the case among those of the seed. */
  readonly caseNumber: number;
  /** Leads from the seed to the shrunk input. */
  readonly path: string;
  /** The shrunk input, its bytes in hex. */
  readonly input: string;
  readonly error: unknown;
}

/** What a target is made of. */
export interface TargetOptions<Input> {
  readonly name: string;
  readonly inputs: fc.Arbitrary<Input>;
  /** Throws if something does not hold. */
  readonly check: (input: Input) => void;
  readonly show: (input: Input) => string;
}

/** Makes a target. */
export function target<Input>({ name, inputs, check, show }: TargetOptions<Input>): Target {
  const property = fc.property(inputs, check);
  return {
    name,
    run(numRuns, seed, path) {
      const details = fc.check(property, { numRuns, seed, ...(path === undefined ? {} : { path }) });
      if (!details.failed) return undefined;
      const [input] = details.counterexample ?? [];
      return {
        target: name,
        seed,
        caseNumber: details.numRuns,
        path: details.counterexamplePath ?? '',
        input: input === undefined ? 'none' : show(input),
        error: details.errorInstance,
      };
    },
  };
}

/** Tells a failure, with the line that reproduces it. */
export function describeFailure({ target, seed, caseNumber, path, input, error }: Failure): string {
  return [
    `${target}: case ${caseNumber} of seed ${seed} failed`,
    error instanceof Error ? (error.stack ?? error.message) : String(error),
    `The least input that fails:\n${input}`,
    `To reproduce it:\nnpm run fuzz -- --target ${target} --seed ${seed} --path ${path}`,
  ].join('\n\n');
}

/** Bytes in hex. */
export function hex(bytes: Uint8Array): string {
  return bytes.length === 0 ? '(none)' : Buffer.from(bytes).toString('hex');
}
