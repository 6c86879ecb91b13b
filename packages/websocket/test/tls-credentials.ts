/** The certificate for localhost that the tests' servers show, and its key. */
import { readFileSync } from 'node:fs';

export const tlsCredentials = {
  cert: readFixture('localhost-cert.pem'),
  key: readFixture('localhost-key.pem'),
} as const;

function readFixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
}
