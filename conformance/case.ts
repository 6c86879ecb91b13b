/**
 * What a conformance case is: the section of docs/wire.md that it comes from, a sentence, and what is done to find out.
 * The cases are in `cases/`; `runner.ts` gives each a trial of its own.
 */

import type { Participant } from './participant.ts';

/** The two users that the server under test knows. */
export type User = 'first' | 'second';

/** The namespaces that the server under test has (docs/wire.md, "Conformance"). */
export type Namespace = 'every' | 'latest' | 'volatile' | 'trimmed' | 'deny';

/** One case. */
export interface Case {
  /** The section of docs/wire.md, such as `5.2`. */
  readonly section: string;
  /** What the server has to do, in a sentence without its subject. */
  readonly title: string;
  /** Takes seconds; left out of the quick run. */
  readonly isSlow?: true;
  /** Throws what it finds. */
  readonly run: (trial: Trial) => Promise<void>;
}

/** What a case has to work with. All that it opens is closed when it ends. */
export interface Trial {
  /** Opens a connection on which nothing was said yet. */
  readonly open: () => Promise<Participant>;
  /** Opens a connection and sends `connect`. */
  readonly connect: (user?: User, session?: string) => Promise<Participant>;
  /** A channel that nobody has used before. */
  readonly channel: (namespace: Namespace) => string;
  readonly token: (user: User) => string;
}
