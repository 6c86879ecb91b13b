/** What a trial finds, gathered; the worst finding is the verdict. */

import type { Finding, Verdict } from '../case.ts';

const ranks: readonly Verdict[] = ['pass', 'non-strict', 'unimplemented', 'fail'];

/** The findings of one case. */
export class Findings {
  readonly #findings: Finding[] = [];

  fail(note: string): void {
    this.#findings.push({ verdict: 'fail', note });
  }

  nonStrict(note: string): void {
    this.#findings.push({ verdict: 'non-strict', note });
  }

  unimplemented(note: string): void {
    this.#findings.push({ verdict: 'unimplemented', note });
  }

  /** Takes over what another has found. */
  addAll(other: Findings): void {
    this.#findings.push(...other.#findings);
  }

  get verdict(): Verdict {
    const rank = Math.max(0, ...this.#findings.map(({ verdict }) => ranks.indexOf(verdict)));
    return ranks[rank] ?? 'fail';
  }

  get notes(): readonly string[] {
    return this.#findings.map(({ note }) => note);
  }
}
