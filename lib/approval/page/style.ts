import { colours } from './style-colours.ts';
import { contents } from './style-contents.ts';
import { panel } from './style-panel.ts';

const frame = `
* { box-sizing: border-box; }
html { scroll-padding-top: 5rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; overflow-wrap: anywhere; }
/* A name is broken where it is longer than the screen, and nowhere else. */
.band { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; overflow-wrap: break-word; justify-content: space-between; align-items: center; gap: .25rem 1.5rem; min-height: 3.5rem; padding: .5rem max(1.25rem, calc((100vw - 80rem) / 2 + 1.25rem)); background: var(--env); color: #fff; }
.band p { margin: 0; }
.band > * { max-width: 100%; }
.where { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .75rem; }
.where strong { font-size: 1.25rem; letter-spacing: .01em; }
.production .where strong { text-transform: uppercase; letter-spacing: .08em; }
.where strong { min-width: 0; }
.who { margin-left: auto; text-align: right; font-size: .9rem; }
.band a { color: #fff; margin-left: .75rem; }
.jump { display: none; }
main { max-width: 80rem; margin: 0 auto; padding: 2.5rem 1.25rem 3rem; }
.alone { max-width: 44rem; padding-top: 5rem; }
.alone.wide { max-width: 64rem; padding-top: 2.5rem; }
.request { display: grid; grid-template-columns: minmax(0, 1fr) 23rem; column-gap: 4rem; align-items: start; grid-template-areas: 'notice notice' 'head panel' 'read panel'; grid-template-rows: auto auto 1fr; }
.notice { grid-area: notice; } .head { grid-area: head; } .panel { grid-area: panel; } .read { grid-area: read; }
footer { max-width: 80rem; margin: 0 auto; padding: 1.5rem 1.25rem 3rem; font-size: .875rem; }
h1 { margin: 0 0 .75rem; font-size: clamp(1.6rem, 4vw, 2.25rem); line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; }
h2 { margin: 0 0 1rem; font-size: 1.25rem; line-height: 1.3; letter-spacing: -.005em; }
h3 { margin: 0 0 .25rem; font-size: .95rem; }
p { margin: 0 0 1rem; }
section { margin-top: 3rem; }
.kicker { margin: 0 0 .5rem; color: var(--soft); font-size: .9rem; }
.lead { font-size: 1.125rem; max-width: 46rem; }
.soft { color: var(--soft); }
a { color: var(--link); }
code { font: .9em/1.5 ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.band :focus-visible { outline-color: #fff; }
@media (max-width: 62rem) {
  .request { display: block; }
  main { padding-top: 1.75rem; }
  .jump { display: inline; }
  .panel { margin-top: 2rem; }
}
`;

/** The pages' whole style sheet; inline, because the pages load nothing. */
export const style = `${colours}${frame}${contents}${panel}`;
