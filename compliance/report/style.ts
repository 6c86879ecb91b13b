/** The looks of the HTML report: one column at phone width, light or dark as the reader's system is. */

/** The style sheet. */
export const style = `
:root {
  color-scheme: light dark;
  --page: light-dark(#fbfbf9, #14171a);
  --card: light-dark(#fff, #1c2024);
  --line: light-dark(#e3e3dd, #31373d);
  --text: light-dark(#1d2226, #e6e8ea);
  --quiet: light-dark(#656d75, #98a1aa);
  --pass: light-dark(#1a7f4b, #4cc38a);
  --non-strict: light-dark(#8d6200, #e2b340);
  --unimplemented: light-dark(#68727d, #8b96a1);
  --fail: light-dark(#c02b2b, #ff7b72);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 72rem;
  background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: 1.75rem; letter-spacing: -0.02em; text-wrap: balance; }
header p { margin: 0.25rem 0 0; color: var(--quiet); max-width: 44rem; text-wrap: pretty; }
.subjects {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr));
  gap: 0.75rem; margin: 1.5rem 0;
}
.subject { padding: 1rem; border: 1px solid var(--line); border-radius: 0.75rem; background: var(--card); }
.subject h2 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
.subject h2 span { color: var(--quiet); font-weight: 400; }
.subject strong { font-size: 1.75rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.subject dl { display: flex; flex-wrap: wrap; gap: 0 1rem; margin: 0.5rem 0 0; font-size: 0.875rem; }
.subject dl div { display: flex; gap: 0.35rem; }
dd { margin: 0; font-variant-numeric: tabular-nums; }
.bar { display: flex; height: 6px; border-radius: 3px; overflow: hidden; background: var(--line); gap: 1px; }
.bar i { background: currentColor; min-width: 3px; }
.pass { color: var(--pass); }
.non-strict { color: var(--non-strict); }
.unimplemented { color: var(--unimplemented); }
.fail { color: var(--fail); }
.filter { display: flex; align-items: center; gap: 0.5rem; margin: 1.5rem 0 0.5rem; min-height: 44px; width: fit-content; cursor: pointer; }
.filter input { width: 1.15rem; height: 1.15rem; margin: 0; accent-color: var(--pass); }
details { border: 1px solid var(--line); border-radius: 0.75rem; background: var(--card); margin: 0.5rem 0; }
summary {
  display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 22rem);
  gap: 0.25rem 1rem; align-items: center; padding: 0.75rem 1rem; cursor: pointer; list-style: none;
}
summary::-webkit-details-marker { display: none; }
summary:focus-visible, .filter input:focus-visible { outline: 2px solid var(--pass); outline-offset: 2px; }
summary b { font-weight: 600; }
summary b::before { content: '+'; display: inline-block; width: 1.1rem; color: var(--quiet); font-weight: 400; }
details[open] summary b::before { content: '\\2212'; }
summary small { color: var(--quiet); font-weight: 400; font-size: 0.875rem; }
.meters { display: grid; gap: 0.3rem; }
.meter { display: grid; grid-template-columns: 8.5rem 1fr 3.5rem; gap: 0.5rem; align-items: center; font-size: 0.8125rem; color: var(--quiet); }
.meter span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.meter data { text-align: right; font-variant-numeric: tabular-nums; }
ol { list-style: none; margin: 0; padding: 0 1rem 0.5rem; }
li { display: grid; grid-template-columns: 3.5rem minmax(0, 1fr) auto; gap: 0 0.75rem; padding: 0.45rem 0; border-top: 1px solid var(--line); font-size: 0.9375rem; }
li > span:first-child { color: var(--quiet); font-variant-numeric: tabular-nums; }
li p { margin: 0; overflow-wrap: anywhere; }
li p small { display: block; color: var(--quiet); }
.marks { display: grid; justify-items: end; align-content: start; font-size: 0.8125rem; font-weight: 600; }
body:has(#only:checked) li.same, body:has(#only:checked) details.same { display: none; }
@media (max-width: 40rem) {
  body { padding-top: 1.25rem; }
  summary { grid-template-columns: 1fr; }
  li { grid-template-columns: 3rem minmax(0, 1fr); }
  .marks { grid-column: 2; justify-items: start; }
}
`;
