/** Writes docs/rfc-coverage.md: `npm run docs:coverage`. */

import { writeFileSync } from 'node:fs';
import { coveragePage, formatCoverage } from './coverage.ts';

writeFileSync(coveragePage, formatCoverage());
