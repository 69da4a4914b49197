/** Where one decides: beside the text on a wide screen, below it on a narrow one. */
export const panel = `
.panel { padding: 1.5rem; border: 1px solid var(--line); border-top: 5px solid var(--env); border-radius: 12px; background: var(--card); box-shadow: 0 1px 2px #0001, 0 8px 24px #0000000d; }
@media (min-width: 62.01rem) { .panel { position: sticky; top: 5.5rem; max-height: calc(100vh - 7rem); overflow-y: auto; } }
.panel h2 { margin-bottom: .5rem; }
.panel p { margin-bottom: .75rem; } .panel > :last-child, .panel form p:last-child { margin-bottom: 0; }
.hint { margin-bottom: 1rem; padding: .9rem 1rem; border-radius: 8px; background: var(--tint); font-size: .95rem; }
.hint p:last-child { margin: 0; } .ways { margin: 0; padding-left: 1.1rem; }
.command { display: block; margin-top: .25rem; padding: .4rem .6rem; border-radius: 6px; background: var(--card); border: 1px solid var(--line); }
.field { margin-bottom: 1rem; }
label { display: block; margin-bottom: .3rem; }
.env { color: var(--ink); font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
input, textarea { width: 100%; padding: .6rem .75rem; font: inherit; color: var(--ink); background: var(--paper); border: 1px solid #878d95; border-radius: 8px; }
textarea { resize: vertical; }
.wrong input, .wrong textarea { border: 2px solid var(--high); }
.error { margin: .3rem 0 0; color: var(--high); font-size: .9rem; }
.counts { margin: 0 0 .75rem; padding-left: 1.1rem; }
.buttons { display: grid; gap: .6rem; }
button { min-height: 3rem; padding: .6rem 1.25rem; font: inherit; font-weight: 600; border-radius: 8px; border: 1px solid #878d95; cursor: pointer; overflow-wrap: anywhere; }
.approve { background: var(--env); border-color: var(--env); color: #fff; }
.reject { background: transparent; color: var(--ink); }
button:hover { filter: brightness(1.08); } .reject:hover { background: var(--tint); }
.people { margin: 0; padding: 0; list-style: none; }
.people li { margin-bottom: .75rem; padding: .1rem 0 .1rem 1rem; border-left: 3px solid var(--line); }
.people .approved { border-color: var(--low); } .people .rejected, .people .abandon { border-color: var(--high); } .people .resume { border-color: var(--low); } .people .revert { border-color: var(--medium); } .people .silent, .people .barred { color: var(--soft); border-left-style: dotted; }
q { display: block; margin-top: .25rem; white-space: pre-wrap; }
`;
