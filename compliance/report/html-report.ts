/** The report as one HTML page that needs nothing else: no script, no font, no network. */

import type { Case, Family } from '../case.ts';
import { citation } from '../requirements/requirements.ts';
import type { SubjectResult } from '../runner.ts';
import { style } from './style.ts';
import { differencesOf, familiesRun, labelOf, type Tally, tallyOf, totalOf, verdicts } from './tally.ts';

/** Writes the page. */
export function formatHtmlReport(families: readonly Family[], subjects: readonly SubjectResult[]): string {
  const run = familiesRun(families, subjects);
  const all = run.flatMap(({ cases }) => cases);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>WebSocket compliance</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>WebSocket compliance</h1>
<p>${formatCount(all.length)} cases for RFC 6455 and RFC 7692, each on a connection of its own. <i>Non-strict</i> is what the RFCs allow and advise against; <i>unimplemented</i> is what they leave to choice.</p>
</header>
<div class="subjects">${subjects.map((subject) => subjectCard(subject, all)).join('')}</div>
<label class="filter"><input type="checkbox" id="only"> Only where a peer differs</label>
<main>${run.map((family) => familySection(family, subjects)).join('')}</main>
</body>
</html>
`;
}

function subjectCard(subject: SubjectResult, cases: readonly Case[]): string {
  const tally = tallyOf(subject, cases);
  const counts = verdicts.slice(1).filter((verdict) => tally[verdict] > 0 || verdict === 'fail');
  return `<section class="subject">
<h2>${escapeHtml(subject.name)} <span>${subject.role}</span></h2>
<strong>${formatCount(tally.pass)}</strong> of ${formatCount(totalOf(tally))} pass
${bar(tally)}
<dl>${counts.map((verdict) => `<div class="${verdict}"><dt>${verdict}</dt><dd>${tally[verdict]}</dd></div>`).join('')}</dl>
</section>`;
}

function familySection({ number, title, cases }: Family, subjects: readonly SubjectResult[]): string {
  const isSame = cases.every((each) => differencesOf(each, subjects).length === 0);
  return `<details${isSame ? ' class="same"' : ''}>
<summary><span><b>${number} ${escapeHtml(title)}</b> <small>${cases.length} cases</small></span>
<span class="meters">${subjects.map((subject) => meter(subject, cases)).join('')}</span></summary>
<ol>${cases.map((each) => caseItem(each, subjects)).join('')}</ol>
</details>`;
}

function meter(subject: SubjectResult, cases: readonly Case[]): string {
  const tally = tallyOf(subject, cases);
  const total = totalOf(tally);
  if (total === 0) return '';
  return `<span class="meter"><span>${escapeHtml(labelOf(subject))}</span>${bar(tally)}<data>${tally.pass}/${total}</data></span>`;
}

function bar(tally: Tally): string {
  const parts = verdicts
    .filter((verdict) => tally[verdict] > 0)
    .map((verdict) => `<i class="${verdict}" style="flex:${tally[verdict]}"></i>`);
  return `<span class="bar" aria-hidden="true">${parts.join('')}</span>`;
}

function caseItem(each: Case, subjects: readonly SubjectResult[]): string {
  const differences = differencesOf(each, subjects);
  const notes = differences.map(
    ({ subject, result }) =>
      `<small class="${result.verdict}">${escapeHtml(labelOf(subject))} ${escapeHtml(result.notes.join('; '))}</small>`,
  );
  return `<li${differences.length === 0 ? ' class="same"' : ''}><span>${each.id}</span>
<p>${escapeHtml(each.title)}<small>${each.holds.map(citation).join(', ')}</small>${notes.join('')}</p>
<span class="marks">${subjects.map((subject) => mark(each, subject, subjects.length)).join('')}</span></li>`;
}

function mark(each: Case, subject: SubjectResult, subjectCount: number): string {
  const verdict = subject.results.get(each.id)?.verdict;
  if (verdict === undefined) return '';
  const label = subjectCount > 1 ? `${escapeHtml(labelOf(subject))}: ` : '';
  return `<span class="${verdict}">${label}${verdict}</span>`;
}

function formatCount(count: number): string {
  return count.toLocaleString('en');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
