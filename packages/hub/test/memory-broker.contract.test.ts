import { describe, it } from 'node:test';
import { MemoryBroker } from '@hawser/hub';
import { brokerContract } from '@hawser/hub/broker-contract';

describe('MemoryBroker, as every broker', () => {
  for (const { name, needs, run } of brokerContract.filter(({ needs }) => needs === 'open')) {
    it(`${name} (${needs})`, () => run({ open: async () => new MemoryBroker() }));
  }
});
