/** From the figures of all rounds to what a reader wants: medians, and how we compare within each round. */
import { ourPeerOf } from './peers.mjs';

/**
 * What the rounds come to.
 *
 * @param figures `{ workload, peer, round, value, … }`.
 * @returns The workloads, each with its `peers`: their values, medians, and our ratio to them (above 1: ours is
 *   better) as median, least and most, formed round by round, so that what disturbs the whole machine falls out.
 */
export function summarize(workloads, figures) {
  return workloads.map((workload) => {
    const own = figures.filter((figure) => figure.workload === workload.name);
    const names = [...new Set(own.map(({ peer }) => peer))];
    return { ...workload, peers: names.map((name) => summarizePeer(workload, name, own)) };
  });
}

function summarizePeer(workload, name, figures) {
  const own = figures.filter(({ peer }) => peer === name);
  const values = own.map(({ value }) => value);
  return {
    peer: name,
    values,
    median: median(values),
    ratio: ratioTo(workload, own, figures),
    ...mediansOf(own, 'latencyUs'),
    ...mediansOf(own, 'lateMs'),
    loadCpu: median(own.map(({ loadCpu }) => loadCpu ?? 0)),
    serverCpuUs: median(own.map(({ serverCpuUs }) => serverCpuUs ?? 0)),
  };
}

function ratioTo(workload, theirs, figures) {
  const ratios = theirs.flatMap(({ round, value }) => {
    const own = figures.find((figure) => figure.peer === ourPeerOf(workload) && figure.round === round);
    if (own === undefined) return [];
    return [workload.isCost ? value / own.value : own.value / value];
  });
  if (ratios.length === 0) return undefined;
  return { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) };
}

/** The medians of the numbers in a field of the figures, if they have it. */
function mediansOf(figures, field) {
  const records = figures.map((figure) => figure[field]).filter((record) => record !== undefined);
  if (records.length === 0) return {};
  const keys = Object.keys(records[0]);
  return {
    [field]: Object.fromEntries(keys.map((key) => [key, median(records.map((record) => record[key]))])),
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
