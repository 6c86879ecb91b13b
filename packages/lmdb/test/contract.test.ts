import { describe, it } from 'node:test';
import type { Broker } from '@hawser/hub';
import { type BrokerHarness, brokerContract } from '@hawser/hub/broker-contract';
import { type Durability, LmdbBroker } from '@hawser/lmdb';
import { makeDirectory } from './directories.ts';
import './stay-alive.ts';

/** Opens brokers, and remembers where. */
function harness(durability: Durability): BrokerHarness {
  const directories = new WeakMap<Broker, string>();
  const open = async (directory: string): Promise<Broker> => {
    const broker = await LmdbBroker.open({ directory, durability, pollMs: 1 });
    directories.set(broker, directory);
    return broker;
  };
  const again = (broker: Broker): Promise<Broker> => open(directories.get(broker) ?? '');
  return { open: async () => open(await makeDirectory()), reopen: again, another: again };
}

for (const durability of ['disk', 'buffered'] as const) {
  describe(`LmdbBroker (${durability}), as every broker`, () => {
    for (const { name, run } of brokerContract) it(name, () => run(harness(durability)));
  });
}
