/**
 * The contract of `broker.ts` as cases that every broker passes, with any test runner: the entry point
 * `@hawser/hub/broker-contract`.
 *
 * @example
 * ```ts
 * for (const { name, run } of brokerContract) it(name, () => run({ open: async () => new MemoryBroker() }));
 * ```
 */

import type { BrokerCase } from './broker-contract/broker-case.ts';
import { keepingCases } from './broker-contract/keeping.ts';
import { listeningCases } from './broker-contract/listening.ts';
import { publishingCases } from './broker-contract/publishing.ts';

export type { BrokerCase, BrokerHarness } from './broker-contract/broker-case.ts';

/** What users rely on, case by case. Those that need more than a harness offers are to be skipped. */
export const brokerContract: readonly BrokerCase[] = [...publishingCases, ...keepingCases, ...listeningCases];
