/** All cases, in the order of the sections. */

import type { Case } from '../case.ts';
import { transportCases } from './1-transport.ts';
import { valueCases } from './2-values.ts';
import { connectionCases } from './3-connection.ts';
import { orderCases } from './4-order.ts';
import { slowSubscriberCases } from './5-slow-subscribers.ts';
import { subscriptionCases } from './5-subscriptions.ts';
import { commandCases } from './6-commands.ts';
import { historyCases } from './6-history.ts';
import { presenceCases } from './6-presence.ts';
import { publishCases } from './6-publish.ts';

export const allCases: readonly Case[] = [
  ...transportCases,
  ...valueCases,
  ...connectionCases,
  ...orderCases,
  ...subscriptionCases,
  ...slowSubscriberCases,
  ...commandCases,
  ...presenceCases,
  ...publishCases,
  ...historyCases,
];
