/** The entry point for users' own tests: a bad network, and a clock whose hands the test turns. */

export { FakeClock } from './fake-clock.ts';
export { type Faults, FaultTransport, type FaultTransportOptions } from './fault-transport.ts';
