/**
 * What we mean to reach, as ratios of medians in one run on two cores: `ws` against ws with bufferutil, `native` against
 * the better of uWebSockets.js and Bun. Where less is better, the ratio is turned round: above 1 is always ours.
 */
import { formatRatio } from './table.mjs';

export const goals = {
  'echo-64': { ws: 1.25, native: 0.65 },
  'echo-64-x32': { ws: 20, native: 1 },
  'echo-64k': { ws: 1.5, native: 0.6 },
  'echo-1m': { ws: 1.3, native: 0.7 },
  'fan-1000': { ws: 1.35, native: 0.75 },
  'fan-1000-x16': { ws: 20, native: 0.9 },
  'fan-1000-x4-deflate': { ws: 30, native: 5 },
  'echo-json-deflate': { ws: 3, native: 0.6 },
  handshakes: { ws: 1.5, native: 0.3 },
  'memory-idle': { ws: 1 / 0.75 },
  'memory-deflate': { ws: 1 / 0.04 },
};

const rivals = { ws: ['ws'], native: ['uws', 'bun'] };

/** One line for each goal that the run says something about. */
export function formatGoals(results) {
  const lines = results.flatMap((workload) =>
    Object.entries(goals[workload.name] ?? {}).flatMap(([kind, goal]) => {
      const ratios = workload.peers
        .filter(({ peer }) => rivals[kind].includes(peer))
        .map(({ ratio }) => ratio);
      if (ratios.includes(undefined) || ratios.length < rivals[kind].length) return [];
      const reached = Math.min(...ratios.map(({ median }) => median));
      const mark = reached >= goal ? 'reached' : 'missed ';
      return [
        `${mark}  ${workload.name} against ${kind}: ${formatRatio(reached)}, the goal is ${formatRatio(goal)}`,
      ];
    }),
  );
  return lines.length === 0 ? '' : `\nGoals\n${lines.join('\n')}\n`;
}
