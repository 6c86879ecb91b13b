/**
 * What a client keeps to itself when it follows a redirect: credentials stay with the host that they were meant for.
 * An application that listens to `redirect` decides for itself. Used by `dial.ts`.
 */

import type { OutgoingHttpHeaders } from 'node:http';
import type { Address } from './address.ts';

/** The headers and the credentials of one request. */
export interface Credentials {
  /** By lower-case names where the user gave them. */
  headers: OutgoingHttpHeaders;
  auth: string | null | undefined;
}

/** The host that the user named, which credentials were meant for. */
export class Origin {
  readonly #isSecure: boolean;
  readonly #host: string;
  readonly #socketPath: string | undefined;

  constructor({ isSecure, url, socketPath }: Address) {
    this.#isSecure = isSecure;
    this.#host = url.host;
    this.#socketPath = socketPath;
  }

  /** Takes away what the address of a redirect must not see. */
  strip(address: Address, credentials: Credentials): void {
    const isSameHost = this.#isSameHost(address);
    if (isSameHost && !(this.#isSecure && !address.isSecure)) return;
    delete credentials.headers.authorization;
    delete credentials.headers.cookie;
    if (!isSameHost) delete credentials.headers.host;
    credentials.auth = undefined;
  }

  #isSameHost({ url, socketPath }: Address): boolean {
    if (socketPath !== undefined || this.#socketPath !== undefined) return socketPath === this.#socketPath;
    return url.host === this.#host;
  }
}

/** A copy with lower-case names, so that a name is found however it was written. */
export function lowerCaseNames(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
