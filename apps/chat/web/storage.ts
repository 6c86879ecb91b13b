/**
 * A place for a few texts that outlive the page. A browser may refuse its own storage, or find it full: then a text lasts as
 * long as the page, and nobody is bothered.
 */

export interface TextStorage {
  read(key: string): string | undefined;
  write(key: string, text: string): void;
}

/** The browser's storage over a copy in memory. It is handed in as a function because even looking at it may throw. */
export function keepIn(browserStorage: () => Storage): TextStorage {
  const memory = new Map<string, string>();
  return {
    read(key) {
      // The browser's first: another tab may have written since.
      return attempt(() => browserStorage().getItem(key)) ?? memory.get(key);
    },
    write(key, text) {
      memory.set(key, text);
      attempt(() => browserStorage().setItem(key, text));
    },
  };
}

function attempt<Result>(use: () => Result): Result | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
