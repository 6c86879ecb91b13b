/** The figures as a table for a terminal. */
import { peers } from './peers.mjs';

const columns = [
  { title: '', width: 28 },
  { title: 'median', width: 12 },
  { title: 'ours / theirs', width: 16 },
  { title: 'spread', width: 16 },
];

/** One workload's figures, from `summarize`. */
export function formatTable(workload, summaries) {
  const rows = summaries.map(({ peer, median, ratio }) => [
    `  ${peers.find(({ name }) => name === peer)?.title ?? peer}`,
    formatFigure(median),
    ratio === undefined ? '' : `${ratio.median.toFixed(2)}x`,
    ratio === undefined ? '' : `${ratio.least.toFixed(2)}–${ratio.most.toFixed(2)}`,
  ]);
  const titles = [`${workload.title}`, workload.unit, ...columns.slice(2).map(({ title }) => title)];
  return [titles, ...rows].map(formatRow).join('\n');
}

/** Three significant digits, as far as a figure has them. */
export function formatFigure(value) {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  const rounded = value >= 1000 ? Number(value.toPrecision(3)) : value;
  return rounded.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function formatRow(cells) {
  const [first, ...rest] = cells;
  const figures = rest.map((cell, index) => cell.padStart(columns[index + 1].width));
  return [first.padEnd(columns[0].width), ...figures].join(' ').trimEnd();
}
