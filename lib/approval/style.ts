/** The pages' whole style sheet; inline, because the pages load nothing. */
export const style = `
:root { color-scheme: light dark; --ink: #1a1d21; --soft: #5b6470; --paper: #fff; --line: #d9dee4; --tint: #f4f6f8; --accent: #1f5fbf; --danger: #b3261e; --warn: #8a5a00; --calm: #2b6b3f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaee; --soft: #a3adb8; --paper: #15181c; --line: #343b43; --tint: #1e2329; --accent: #7fb0ff; --danger: #ff8a80; --warn: #f0bf62; --calm: #85d19f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
header { padding: .6rem 1rem; border-bottom: 4px solid var(--accent); font-weight: 600; }
.production header { border-color: var(--danger); }
main { max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 1rem 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.lead { font-size: 1.1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 1rem 0; }
dt, small, figcaption, th { color: var(--soft); }
dd { margin: 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 500; }
code { font: .875em ui-monospace, monospace; }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: .5rem .75rem; }
summary { cursor: pointer; }
figure { margin: .75rem 0; }
figcaption { font-size: .8rem; }
pre { margin: .2rem 0 0; padding: .6rem; background: var(--tint); border-radius: 4px; white-space: pre-wrap; }
.risk { display: inline-block; min-width: 4.5em; padding: 0 .5em; border-radius: 1em; border: 1px solid currentcolor; text-align: center; font-size: .85rem; }
.low { color: var(--calm); } .medium { color: var(--warn); } .high { color: var(--danger); font-weight: 600; }
form { margin-top: 2rem; padding-top: 1rem; border-top: 1px solid var(--line); }
label { display: block; margin-top: .75rem; font-weight: 500; }
input, textarea { width: 100%; padding: .5rem; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 4px; }
.decide { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.25rem 0; }
button { padding: .7rem 1.4rem; font: inherit; font-weight: 600; border-radius: 6px; border: 2px solid var(--accent); cursor: pointer; }
.approve { background: var(--accent); color: var(--paper); }
.production .approve { background: var(--danger); border-color: var(--danger); }
.reject { background: transparent; color: var(--ink); border-color: var(--soft); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
blockquote { margin: 1rem 0; padding-left: 1rem; border-left: 4px solid var(--line); }
@media (max-width: 32rem) { dl { grid-template-columns: 1fr; } dt { margin-top: .4rem; } .decide button { width: 100%; } }
`;
