/**
 * What we mean to reach, as ratios of medians in one run on two cores: `ws` against ws with bufferutil, `native` against
 * the better of uWebSockets.js and Bun, and for the hub `server` against our own server without it and `socketIo` against
 * a room of Socket.IO. Where less is better, the ratio is turned round: above 1 is always ours. `atMost` is no ratio, but
 * a bound on the median itself.
 */
import { ourPeerOf } from './peers.mjs';
import { formatFigure, formatRatio } from './table.mjs';

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
  // A delivery by itself is a system call, which nobody makes ten times as fast.
  'hub-fan-1000': { server: 0.8 },
  'hub-fan-1000-x16': { server: 0.8, socketIo: 10 },
  'hub-memory': { atMost: 10_000 },
};

const rivals = { ws: ['ws'], native: ['uws', 'bun'], server: ['hawser'], socketIo: ['socket.io'] };

/** One line for each goal that the run says something about. */
export function formatGoals(results) {
  const lines = results.flatMap((workload) =>
    Object.entries(goals[workload.name] ?? {}).flatMap(([kind, goal]) =>
      kind === 'atMost' ? formatBound(workload, goal) : formatGoal(workload, kind, goal),
    ),
  );
  return lines.length === 0 ? '' : `\nGoals\n${lines.join('\n')}\n`;
}

function formatGoal({ name, peers }, kind, goal) {
  const ratios = peers.filter(({ peer }) => rivals[kind].includes(peer)).map(({ ratio }) => ratio);
  if (ratios.includes(undefined) || ratios.length < rivals[kind].length) return [];
  const reached = Math.min(...ratios.map(({ median }) => median));
  return [
    `${mark(reached >= goal)}  ${name} against ${kind}: ${formatRatio(reached)}, the goal is ${formatRatio(goal)}`,
  ];
}

function formatBound(workload, goal) {
  const { name, unit, peers } = workload;
  const own = peers.find(({ peer }) => peer === ourPeerOf(workload));
  if (own === undefined) return [];
  const reached = `${formatFigure(own.median)} ${unit}`;
  return [`${mark(own.median <= goal)}  ${name}: ${reached}, the goal is at most ${formatFigure(goal)}`];
}

function mark(isReached) {
  return isReached ? 'reached' : 'missed ';
}
