/** From the figures of all rounds to what a reader wants: medians, and how we compare within each round. */
import { ours } from './peers.mjs';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * What the rounds of one workload come to.
 *
 * @param figures `{ peer, round, value }`, of one workload.
 * @returns For each peer its median, and our ratio to it (above 1: ours is better) as median, least and most, formed
 *   round by round, so that what disturbs the whole machine falls out.
 */
export function summarize(workload, figures) {
  const names = [...new Set(figures.map(({ peer }) => peer))];
  return names.map((peer) => {
    const own = figures.filter((figure) => figure.peer === peer);
    return { peer, median: median(own.map(({ value }) => value)), ratio: ratioTo(workload, own, figures) };
  });
}

function ratioTo(workload, theirs, figures) {
  const ratios = theirs.flatMap(({ round, value }) => {
    const own = figures.find((figure) => figure.peer === ours && figure.round === round);
    if (own === undefined) return [];
    return [workload.isCost ? value / own.value : own.value / value];
  });
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}
