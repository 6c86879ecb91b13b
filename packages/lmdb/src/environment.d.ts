/** What every supported Node.js has and the language's library for this target does not declare yet. */

interface String {
  /** Whether it has no lone surrogates, so that UTF-8 can say it. */
  isWellFormed(): boolean;
}
