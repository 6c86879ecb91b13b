/** The requirements of both RFCs, by name. A compliance case names those that it checks. */

import type { Requirement } from './requirement.ts';
import { rfc6455 } from './rfc6455.ts';
import { rfc7692 } from './rfc7692.ts';

/** The name of a requirement. */
export type RequirementId = keyof typeof rfc6455 | keyof typeof rfc7692;

/** One RFC and its requirements. */
export interface RequirementTable {
  readonly rfc: 'RFC 6455' | 'RFC 7692';
  readonly title: string;
  readonly requirements: Readonly<Record<string, Requirement>>;
}

/** The tables. */
export const requirementTables: readonly RequirementTable[] = [
  { rfc: 'RFC 6455', title: 'The WebSocket Protocol', requirements: rfc6455 },
  { rfc: 'RFC 7692', title: 'Compression Extensions for WebSocket', requirements: rfc7692 },
];

/** Where a requirement stands and how strong it is: `RFC 6455 §5.2 MUST`. */
export function citation(id: RequirementId): string {
  for (const { rfc, requirements } of requirementTables) {
    const requirement = requirements[id];
    if (requirement !== undefined) return `${rfc} §${requirement.section} ${requirement.level}`;
  }
  throw new RangeError(`Expected a requirement, received ${id}`);
}
