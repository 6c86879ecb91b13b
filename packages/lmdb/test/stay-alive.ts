/** The timer of a broker that listens does not keep a process alive, so a test that waits for another process has its own. */
import { after, before } from 'node:test';

const LONG_MS = 2 ** 30;
let timer: NodeJS.Timeout | undefined;

before(() => {
  timer = setInterval(() => undefined, LONG_MS);
});

after(() => clearInterval(timer));
