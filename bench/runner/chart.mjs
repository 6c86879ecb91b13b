/**
 * The figures as a picture: a panel for each workload that has a goal, a bar for each peer, ours in colour. It follows
 * its reader's choice of light or dark, and stands on no background of its own.
 */
import { goals } from './goals.mjs';
import { ourPeerOf, titleOf } from './peers.mjs';
import { formatFigure } from './table.mjs';

const SHOWN = ['hawser-hub', 'hawser', 'uws', 'bun', 'deno', 'ws', 'socket.io', 'bare'];
const COLUMNS = 2;
const PANEL_WIDTH = 460;
const MARGIN = 16;
const TITLE_HEIGHT = 46;
const BAR_HEIGHT = 16;
const BAR_STEP = 23;
const LABEL_WIDTH = 112;
const FIGURE_WIDTH = 88;
const PANEL_GAP = 22;

const STYLE = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #57606a; }
  .title { font-size: 14px; font-weight: 600; fill: #1f2328; }
  .unit { font-size: 12px; }
  .bar { fill: #afb8c1; }
  .limit { fill: none; stroke: #8c959f; stroke-dasharray: 3 2; }
  .ours { fill: #0a7ea4; }
  text.ours { fill: #0a6a8a; font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1; }
    .title { fill: #f0f6fc; }
    .bar { fill: #545d68; }
    .limit { stroke: #768390; }
    .ours { fill: #39b5dd; }
    text.ours { fill: #62c9ea; }
  }`;

/** @param results What `summarize` returns. @returns The text of an SVG. */
export function drawChart(results) {
  const panels = results.filter(({ name }) => goals[name] !== undefined);
  const drawn = [];
  let y = MARGIN;
  for (let first = 0; first < panels.length; first += COLUMNS) {
    const row = panels.slice(first, first + COLUMNS);
    drawn.push(...row.map((panel, column) => drawPanel(panel, MARGIN + column * PANEL_WIDTH, y)));
    y += TITLE_HEIGHT + Math.max(...row.map((panel) => shownPeers(panel).length)) * BAR_STEP + PANEL_GAP;
  }
  const width = COLUMNS * PANEL_WIDTH + 2 * MARGIN;
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" role="img">`;
  const title = '<title>Hawser and its peers on the same workloads</title>';
  return `${[open, title, `<style>${STYLE}\n</style>`, ...drawn, '</svg>'].join('\n')}\n`;
}

function shownPeers({ peers }) {
  return SHOWN.flatMap((name) => peers.filter(({ peer }) => peer === name));
}

function drawPanel(panel, x, y) {
  const { title, unit, isCost } = panel;
  const shown = shownPeers(panel);
  const most = Math.max(...shown.map(({ median }) => median));
  const scale = (PANEL_WIDTH - LABEL_WIDTH - FIGURE_WIDTH - MARGIN) / most;
  const ours = ourPeerOf(panel);
  const bars = shown.map((peer, index) =>
    drawBar(peer, TITLE_HEIGHT + index * BAR_STEP, scale, peer.peer === ours),
  );
  const hint = `${unit}, ${isCost ? 'less' : 'more'} is better`;
  return [
    `<g transform="translate(${x} ${y})">`,
    `<text class="title" y="14">${title}</text>`,
    `<text class="unit" y="32">${hint}</text>`,
    ...bars,
    '</g>',
  ].join('\n');
}

function drawBar({ peer, median }, y, scale, isOurs) {
  const width = Math.max(1, median * scale).toFixed(1);
  const baseline = y + BAR_HEIGHT - 3;
  const kind = isOurs ? 'ours' : '';
  const bar = isOurs ? 'ours' : peer === 'bare' ? 'limit' : 'bar';
  const figureX = (LABEL_WIDTH + Number(width) + 7).toFixed(1);
  return [
    `<text class="${kind}" x="${LABEL_WIDTH - 9}" y="${baseline}" text-anchor="end">${titleOf(peer)}</text>`,
    `<rect class="${bar}" x="${LABEL_WIDTH}" y="${y}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>`,
    `<text class="${kind}" x="${figureX}" y="${baseline}">${formatFigure(median)}</text>`,
  ].join('');
}
