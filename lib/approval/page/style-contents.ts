/** What is read: facts, tables, migrations and their SQL. */
export const contents = `
.notice { margin-bottom: 2rem; padding: .9rem 1.25rem; border-radius: 8px; background: var(--low-tint); border-left: 5px solid var(--low); }
.notice.problem { background: var(--high-tint); border-color: var(--high); }
.notice p { margin: 0; }
.outcome { margin-bottom: 2rem; padding: 1.25rem 1.5rem; border-radius: 10px; background: var(--tint); border-left: 5px solid var(--soft); }
.outcome p { margin: 0; }
.outcome .word { font-size: 1.5rem; font-weight: 700; line-height: 1.3; }
.outcome.approved { background: var(--low-tint); border-color: var(--low); } .outcome.approved .word { color: var(--low); }
.outcome.rejected { background: var(--high-tint); border-color: var(--high); } .outcome.rejected .word { color: var(--high); }
.outcome.resume { background: var(--low-tint); border-color: var(--low); } .outcome.resume .word { color: var(--low); }
.outcome.revert { background: var(--medium-tint); border-color: var(--medium); } .outcome.revert .word { color: var(--medium); }
.outcome.abandon { background: var(--high-tint); border-color: var(--high); } .outcome.abandon .word { color: var(--high); }
.why { padding-left: 1rem; border-left: 4px solid var(--high); white-space: pre-wrap; }
.lint { margin: 1rem 0 0; }
.findings { margin: .75rem 0; padding: 0; list-style: none; } .findings li { margin-bottom: .6rem; padding-left: .9rem; border-left: 4px solid var(--line); }
.findings .warning { border-color: var(--medium); } .findings .warning .tag { color: var(--medium); border-color: currentcolor; }
.failures { margin: 0; padding: 0; list-style: none; } .failures li { margin-bottom: 1.25rem; } .failures li:last-child { margin-bottom: 0; }
.message { margin: .35rem 0 0; padding: .6rem .9rem; border-radius: 8px; background: var(--tint); font: .84rem/1.6 ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } .waves th, .waves td { min-width: 0; }
.waves th .tag { margin-left: .5rem; }
.risks { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; margin: 0; padding: 0; list-style: none; }
.risk { display: inline-block; padding: .05rem .6rem; border-radius: 1rem; font-size: .8rem; font-weight: 600; white-space: nowrap; }
.risk.high { background: var(--high-tint); color: var(--high); } .risk.medium { background: var(--medium-tint); color: var(--medium); } .risk.low { background: var(--low-tint); color: var(--low); }
dl { display: grid; grid-template-columns: 8rem minmax(0, 1fr); gap: .6rem 1.5rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; }
.tag { display: inline-block; padding: 0 .5rem; border: 1px solid var(--line); border-radius: 4px; color: var(--soft); font-size: .8rem; white-space: nowrap; }
.tag.proven { color: var(--low); border-color: currentcolor; }
.digest { white-space: nowrap; } .digest .rest { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .5rem 1.5rem .5rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: baseline; font-weight: 400; }
thead th { color: var(--soft); font-size: .875rem; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child > * { border-bottom: 0; }
.group { margin-bottom: 1rem; } caption { padding: .25rem 0 .5rem; text-align: left; font-weight: 600; } .group th:first-child { width: 30%; }
.group thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.number { text-align: right; white-space: nowrap; }
.more { color: var(--soft); font-style: italic; }
details { margin-bottom: .75rem; border: 1px solid var(--line); border-radius: 10px; background: var(--card); padding: 0 1.25rem; }
details[open] { padding-bottom: 1rem; }
summary { padding: .8rem 0; cursor: pointer; line-height: 1.5; }
.migration > summary .file { font-weight: 600; margin-right: .5rem; }
.migration > summary .facts { display: block; padding-left: 1.1rem; color: var(--soft); font-size: .9rem; }
.inner { margin: 1rem 0 0; border-radius: 8px; background: transparent; }
.named ul { padding: 0; list-style: none; columns: 2 20rem; }
figure { margin: 1rem 0; } .migration > p:last-child, details > table:last-child { margin-bottom: 0; }
figcaption { margin-bottom: .35rem; font-size: .9rem; color: var(--soft); }
.sql { margin: 0; padding: .6rem 0 .6rem 3.6rem; border-radius: 8px; background: var(--tint); color: var(--soft); font: .84rem/1.65 ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace; font-variant-numeric: tabular-nums; }
figure.high .sql { box-shadow: inset 4px 0 var(--high); } figure.medium .sql { box-shadow: inset 4px 0 var(--medium); }
.sql li { padding: 0 .75rem 0 .6rem; }
.sql li::marker { content: counter(list-item) '  '; }
.sql code { font: inherit; color: var(--ink); white-space: pre-wrap; tab-size: 4; direction: ltr; unicode-bidi: isolate-override; }
.clipped { margin: .5rem 0 0; color: var(--medium); font-size: .9rem; }
.hljs-keyword, .hljs-operator { color: var(--keyword); } .hljs-type, .hljs-built_in { color: var(--type); } .hljs-string { color: var(--string); }
.hljs-number, .hljs-literal { color: var(--number); } .hljs-comment { color: var(--comment); font-style: italic; } .hljs-meta, .hljs-symbol, .hljs-variable { color: var(--name); }
@media (max-width: 40rem) {
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; } dd { margin-bottom: .75rem; }
  details { padding: 0 .9rem; } th, td { padding-right: .75rem; min-width: 5rem; }
  .sql { padding-left: 2.6rem; font-size: .78rem; } .sql li { padding: 0 .4rem 0 .2rem; }
}
@media print { .band, .panel { position: static; } form { display: none; } }
`;
