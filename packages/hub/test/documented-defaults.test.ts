/** The table of limits in docs/authentication.md says what the code does. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { defaultAddressLimits } from '../src/address-limits.ts';
import { defaultHubLimits, defaultHubTiming } from '../src/options.ts';
import { defaultRateLimits } from '../src/rate-limits.ts';
import type { Rate } from '../src/token-bucket.ts';

const defaults: Readonly<Record<string, object>> = {
  rateLimits: defaultRateLimits,
  addressLimits: defaultAddressLimits,
  limits: defaultHubLimits,
  timing: defaultHubTiming,
};

describe('docs/authentication.md', () => {
  const page = readFileSync(new URL('../../../docs/authentication.md', import.meta.url), 'utf8');
  const documented = new Map(
    [...page.matchAll(/^\| `(\w+\.\w+)` +\| (.*?) +\|$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const actual = new Map(
    Object.entries(defaults).flatMap(([group, values]) =>
      Object.entries(values).map(([name, value]) => [`${group}.${name}`, inWords(value)]),
    ),
  );

  it('lists every rate and every limit of addresses', () => {
    const listed = [...actual.keys()].filter((name) => /^(rate|address)Limits\./.test(name));
    assert.deepEqual(
      listed.filter((name) => !documented.has(name)),
      [],
    );
  });

  for (const [name, value] of documented) {
    it(`tells the default of ${name}`, () => assert.equal(value, actual.get(name)));
  }
});

function inWords(value: number | Rate): string {
  return typeof value === 'number' ? `${value}` : `${value.perSecond} a second, ${value.burst} at once`;
}
