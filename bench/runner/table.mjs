/** The figures as a table for a terminal. */
import { titleOf } from './peers.mjs';

const US_PER_MS = 1000;
/** From here on what was measured may be the load and not the server. */
const BUSY = 0.9;

const FIRST_WIDTH = 20;
const WIDTH = 14;

/** One workload of what `summarize` returns. */
export function formatTable({ title, unit, peers }) {
  const rows = peers.map(({ peer, median, ratio, latencyUs, loadCpu, serverCpuUs }) => [
    titleOf(peer),
    formatFigure(median),
    ratio === undefined ? '' : formatRatio(ratio.median),
    ratio === undefined ? '' : `${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)}`,
    latencyUs === undefined ? '' : formatFigure(latencyUs.p50 / US_PER_MS),
    latencyUs === undefined ? '' : formatFigure(latencyUs.p99 / US_PER_MS),
    serverCpuUs > 0 ? formatFigure(serverCpuUs) : '',
    loadCpu > BUSY ? 'the load was busy' : '',
  ]);
  const heads = ['', unit, 'ours / theirs', 'spread', 'p50 ms', 'p99 ms', 'CPU µs each'];
  return [title, ...[heads, ...rows].map(formatRow)].join('\n');
}

/** Three significant digits, as far as a figure has them. */
export function formatFigure(value) {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  const rounded = value >= 1000 ? Number(value.toPrecision(3)) : value;
  return rounded.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export function formatRatio(ratio) {
  return `${ratio.toFixed(2)}x`;
}

function formatRow([first, ...rest]) {
  return `  ${first.padEnd(FIRST_WIDTH)}${rest.map((cell) => cell.padStart(WIDTH)).join(' ')}`.trimEnd();
}
