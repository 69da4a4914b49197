/** The inbox's whole style sheet; inline, because its pages load nothing. */
export const style = `
:root { color-scheme: light dark; --ink: #1d1c1d; --soft: #5f6368; --paper: #f5f6f8; --card: #fff; --line: #dcdfe4; --tint: #f1f3f5; --accent: #1f5fbf; --go: #007a5a; --go-ink: #fff; --danger: #c01343; --warn: #fff4d6; --warn-ink: #6b4a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --soft: #a2a9b2; --paper: #121417; --card: #1b1e22; --line: #33383f; --tint: #262a30; --accent: #82b1ff; --go: #3ecf9a; --go-ink: #06251a; --danger: #ff7a93; --warn: #3a2f10; --warn-ink: #f2d48a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--accent); }
h1, h2, h3, h4, p { margin: 0; }
code, pre { font: .875em/1.5 ui-monospace, monospace; background: var(--tint); border-radius: 4px; }
code { padding: .1em .3em; }
pre { margin: .4rem 0; padding: .6rem; white-space: pre-wrap; border: 1px solid var(--line); }
small, time, .note, .hint, .channel, .to { color: var(--soft); font-size: .85rem; font-weight: 400; }
.top { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; justify-content: space-between; padding: .75rem 1.25rem; background: var(--card); border-bottom: 1px solid var(--line); }
.top h1 { font-size: 1.05rem; } .top h1 span { color: var(--soft); font-weight: 400; } .top p { color: var(--soft); font-size: .85rem; }
main { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 2rem; max-width: 84rem; margin: 0 auto; padding: 1.25rem; align-items: start; }
@media (max-width: 800px) { main { grid-template-columns: minmax(0, 1fr); gap: 1.5rem; padding: 1rem; } }
h2 { font-size: 1rem; margin-bottom: .75rem; }
.empty { padding: 2rem 1rem; text-align: center; color: var(--soft); border: 1px dashed var(--line); border-radius: 10px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .9rem 1.1rem; margin-bottom: .9rem; }
.card header { display: flex; flex-wrap: wrap; gap: 0 .6rem; align-items: baseline; }
.card h3 { font-size: 1rem; } .card time { margin-left: auto; white-space: nowrap; }
.mail header { flex-wrap: nowrap; } .mail h3 { flex: 1; }
@media (max-width: 480px) { .mail header { display: block; } }
@media (min-width: 801px) { .jump { display: none; } }
.mail .body { margin-top: .7rem; padding-top: .7rem; border-top: 1px solid var(--line); white-space: pre-wrap; }
.to b { color: var(--ink); font-weight: 600; } .to .nobody { color: var(--danger); }
.people { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin-bottom: .9rem; font-size: .9rem; color: var(--soft); }
.people a { padding: .25rem .75rem; border: 1px solid var(--line); border-radius: 2em; background: var(--card); color: var(--ink); text-decoration: none; }
.people a[aria-current] { background: var(--accent); border-color: var(--accent); color: var(--card); font-weight: 600; }
.app { padding: 0 .3em; border-radius: 3px; background: var(--tint); color: var(--soft); font-size: .65rem; font-weight: 600; vertical-align: .15em; }
.ephemeral { background: var(--tint); border-style: dashed; }
.blocks { margin-top: .4rem; }
.blocks > * { margin: .55rem 0; } .blocks > :first-child { margin-top: 0; } .blocks > :last-child { margin-bottom: 0; }
.blocks h4 { font-size: 1.15rem; }
.blocks hr { border: 0; border-top: 1px solid var(--line); margin: .9rem 0; }
.text { white-space: pre-wrap; }
.text blockquote { margin: .2rem 0; padding-left: .8rem; border-left: 4px solid var(--line); }
.section { display: flex; gap: 1rem; justify-content: space-between; align-items: flex-start; }
.section > div { flex: 1; min-width: 0; }
.fields { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem 1rem; margin-top: .3rem; }
.context { display: flex; flex-wrap: wrap; gap: .2rem .8rem; color: var(--soft); font-size: .85rem; }
.mention { padding: 0 .15em; border-radius: 3px; background: var(--warn); color: var(--warn-ink); }
.actions, .decide { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; }
button, .button { display: inline-block; padding: .4rem .9rem; font: inherit; font-weight: 600; color: var(--ink); background: var(--card); border: 1px solid var(--soft); border-radius: 6px; text-decoration: none; cursor: pointer; }
button:hover, .button:hover { background: var(--tint); }
.primary, .primary:hover { background: var(--go); border-color: var(--go); color: var(--go-ink); }
.danger, .danger:hover { border-color: var(--danger); color: var(--danger); }
button:focus-visible, a:focus-visible, input:focus-visible, textarea:focus-visible, select:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.trouble { padding: .6rem .9rem; margin-bottom: .9rem; background: var(--warn); color: var(--warn-ink); border-radius: 8px; }
.overlay { position: fixed; inset: 0; display: grid; place-items: center; padding: 1rem; background: #0009; overflow: auto; }
.dialog { width: min(33rem, 100%); padding: 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px; box-shadow: 0 1rem 3rem #0006; }
.dialog h2 { font-size: 1.2rem; }
.dialog .decide { flex-direction: row-reverse; margin-top: 1.25rem; padding-top: 1rem; border-top: 1px solid var(--line); }
.field { margin: .9rem 0; padding: 0; border: 0; }
.field > label, legend { display: block; margin-bottom: .3rem; padding: 0; font-weight: 600; }
.field > .choice { display: flex; gap: .5rem; margin: 0; padding: .2rem 0; font-weight: 400; } .choice small { display: block; }
.field input:not([type]), textarea, select { width: 100%; padding: .5rem .6rem; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft); border-radius: 6px; }
[aria-invalid] { border-color: var(--danger) !important; }
.error { color: var(--danger); font-size: .9rem; }
`;
