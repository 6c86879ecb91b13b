/** The programs in `examples/` run to their end, print what they promise, and use nothing that users do not have. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { describe, it } from 'node:test';
import { importsOf, workspaces } from './workspaces.ts';

const timeoutMs = 20_000;

/** What each prints, line by line. */
const outputs: Readonly<Record<string, readonly string[]>> = {
  'broadcast.ts': [
    'ann received: Dinner is ready',
    'bob received: Dinner is ready',
    'cleo received: Dinner is ready',
  ],
  'echo.ts': [
    'Received: Hello',
    'Received: ArrayBuffer { [Uint8Contents]: <01 02 03>, byteLength: 3 }',
    'Closed: 1000 Bye',
  ],
  'recovery.ts': [
    '(connected)',
    '(nothing is missing)',
    '1. Is anybody here?',
    '(waiting)',
    '(connecting)',
    '(connected)',
    '(nothing is missing)',
    '2. Yes, I am',
    '3. Hello? Where are you?',
    '4. Sorry, I was in a tunnel',
    'The hub has it as message 4',
    '(closed)',
  ],
  'rpc.ts': [
    '1 + 2 + 3 = 6',
    "Renamed: { name: 'anna', by: 'ann' }",
    'Refused: name-taken, Somebody is called bob already',
  ],
  'tokens.ts': [
    'The editor published message 1',
    'The reader may not publish: forbidden',
    'The forger may not publish: unauthenticated',
    'The editor was revoked, and is closed',
  ],
  'typed-contract.ts': [
    'Received: HELLO',
    'Refused: text: Invalid input: expected string, received undefined',
  ],
};

describe('examples', () => {
  const files = readdirSync('examples').filter((file) => file.endsWith('.ts'));

  it('are those that are tested here', () => {
    assert.deepEqual(files.sort(), Object.keys(outputs));
  });

  it('are all listed in their README.md', () => {
    const listed = readFileSync('examples/README.md', 'utf8').matchAll(/^\| \[([\w-]+\.ts)\]\(\1\)/gm);
    assert.deepEqual([...listed].map(([, file]) => file).sort(), files.sort());
  });

  for (const [file, lines] of Object.entries(outputs)) {
    it(`${file} imports what is published, and nothing else`, () => {
      const foreign = importsOf(`examples/${file}`).filter((specifier) => !isPublished(specifier));
      assert.deepEqual(foreign, []);
    });

    it(`${file} prints what it shows, and ends`, () => {
      const command = ['--conditions=hawser-source', '--import=tsx', `examples/${file}`];
      const { status, stdout, stderr } = spawnSync(process.execPath, command, {
        encoding: 'utf8',
        timeout: timeoutMs,
      });
      assert.equal(stderr, '');
      assert.deepEqual(stdout.trimEnd().split('\n'), lines);
      assert.equal(status, 0);
    });
  }
});

const entryPoints: readonly string[] = workspaces().flatMap(({ manifest }) =>
  Object.keys(manifest.exports ?? {}).map((path) => manifest.name + path.slice(1)),
);

/** Of other people's packages, examples may use what users of the hub have anyway, or choose. */
function isPublished(specifier: string): boolean {
  return specifier.startsWith('node:') || [...entryPoints, 'jose', 'zod'].includes(specifier);
}
