/** The links between the pages of the documentation lead somewhere: to a file, and to a heading if they name one. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { documentationPages } from './workspaces.ts';

describe('links of the documentation', () => {
  for (const page of documentationPages()) {
    it(`${page} leads to what is there`, () => {
      assert.deepEqual(
        linksOf(page).filter((link) => !leadsSomewhere(page, link)),
        [],
      );
    });
  }
});

/** What stands behind `](`, without what is on other machines. */
function linksOf(page: string): readonly string[] {
  const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#');
  const file = path === '' ? page : join(dirname(page), path);
  return existsSync(file) && (heading === undefined || anchorsOf(file).includes(heading));
}

/** A heading in lower case, its spaces hyphens, without punctuation. */
function anchorsOf(page: string): readonly string[] {
  const headings = [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
}
