/**
 * Memory that all connections of this thread share: the slab through which small frames are written, the budget that
 * bounds what peers can make us hold, and the pool of compression windows.
 */

import { Budget, Slab, WindowPool } from '@hawser/protocol';

/** Where small frames are written. */
export const sharedSlab: Slab = new Slab((length) => Buffer.allocUnsafeSlow(length));

/** What all connections may hold together, unless they are given a budget of their own: 1 GiB. */
export const sharedBudget: Budget = new Budget();

/** The compression windows, unless connections are given a pool of their own: 64 MiB. */
export const sharedWindows: WindowPool = new WindowPool(undefined, sharedBudget);
