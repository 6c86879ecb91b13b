/**
 * The colours of `style/base.css` against each other, by the formula of WCAG 2.2: what is read stands out from its ground by
 * 4.5 to 1 (§1.4.3), what has to be found, such as an edge of a field or the focus, by 3 to 1 (§1.4.11).
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const base = readStyle('base.css');
const people = readStyle('people.css');

const themes = { light: 1, dark: 2 } as const;

const read: readonly (readonly [text: string, ground: string])[] = [
  ['ink', 'canvas'],
  ['ink', 'surface'],
  ['ink', 'line'],
  ['muted', 'canvas'],
  ['muted', 'surface'],
  ['ink', 'raised'],
  ['muted', 'raised'],
  ['link', 'surface'],
  ['problem', 'surface'],
  ['problem', 'canvas'],
  ['warning', 'warning-ground'],
  ['on-deep', 'deep'],
  ['on-deep', 'deep-hover'],
  ['on-hull', 'hull'],
  ['hull-muted', 'hull'],
  ['hull-warning', 'hull'],
];

const found: readonly (readonly [mark: string, ground: string])[] = [
  ['edge', 'canvas'],
  ['edge', 'surface'],
  ['focus', 'canvas'],
  ['focus', 'surface'],
  ['hull-focus', 'hull'],
  ['good', 'hull'],
  ['bad', 'hull'],
];

for (const theme of ['light', 'dark'] as const) {
  describe(`the ${theme} colours`, () => {
    for (const [text, ground] of read) {
      it(`let ${text} be read on ${ground}`, () => assertContrast(theme, text, ground, 4.5));
    }
    for (const [mark, ground] of found) {
      it(`let ${mark} be found on ${ground}`, () => assertContrast(theme, mark, ground, 3));
    }
  });
}

describe('the colours of people', () => {
  const tones = [...people.matchAll(/--tone: (#[0-9a-f]{6})/g)].map(([, tone]) => tone ?? '');

  it('are eight', () => {
    assert.equal(new Set(tones).size, 8);
  });

  for (const tone of tones) {
    it(`let white initials be read on ${tone}`, () => {
      assert.ok(contrast('#ffffff', tone) >= 4.5);
    });
  }
});

function assertContrast(theme: keyof typeof themes, one: string, other: string, atLeast: number): void {
  const ratio = contrast(token(one, theme), token(other, theme));
  assert.ok(ratio >= atLeast, `Expected a contrast of at least ${atLeast}, received ${ratio.toFixed(2)}`);
}

/** The value of a colour token, which is one for both themes or `light-dark(one, other)`. */
function token(name: string, theme: keyof typeof themes): string {
  const both = new RegExp(`--${name}: light-dark\\((#[0-9a-f]{6}), (#[0-9a-f]{6})\\)`).exec(base);
  const value = both?.[themes[theme]] ?? new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(base)?.[1];
  assert.ok(value, `Expected the token ${name} in base.css, received none`);
  return value;
}

function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Relative luminance of an sRGB colour. */
function luminance(colour: string): number {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = channels.map((channel) =>
    channel <= 0.040_45 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function readStyle(name: string): string {
  return readFileSync(join(import.meta.dirname, '..', 'web', 'style', name), 'utf8');
}
