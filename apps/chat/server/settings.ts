/** What the environment may say about where the chat is served, read and checked before anything is opened. */

export interface Settings {
  readonly port: number;
  /** The addresses to listen on, one after the other. */
  readonly hosts: readonly string[];
  /** The host for the URL that is shown. */
  readonly shownHost: string;
}

/** The environment holds something that cannot be used. The message names the way out. */
export class SettingsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SettingsError';
  }
}

export const defaultPort = 8080;

/**
 * Without HOST only this machine can connect, under both of its own addresses: a browser may take either for `localhost`, and
 * on the one that we left free another program could answer.
 */
export const loopback: readonly string[] = ['127.0.0.1', '::1'];

/** @throws SettingsError */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const port = readPort(environment.PORT);
  const host = environment.HOST?.trim() ?? '';
  if (host === '' || host === 'localhost') return { port, hosts: loopback, shownHost: 'localhost' };
  return { port, hosts: [host], shownHost: shownHostOf(host) };
}

/** @throws SettingsError */
export function readPort(text: string | undefined): number {
  if (text === undefined || text.trim() === '') return defaultPort;
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new SettingsError(
    `Expected PORT to be a number from 0 to 65535, received ${JSON.stringify(text)}. Try: PORT=8081 npm start`,
  );
}

/** An address that means "all of them" cannot be opened in a browser, and one of IPv6 needs brackets in a URL. */
function shownHostOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
