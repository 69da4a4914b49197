/** White is readable on every environment's colour, and all text on what it stands on, in the light and in the dark. */
export const colours = `
:root { color-scheme: light dark; --paper: #fcfcfb; --card: #fff; --tint: #f4f4f2; --line: #e0e0dc; --ink: #1b1d20; --soft: #5c6067; --link: #1d56b8;
  --high: #a8231b; --high-tint: #fdecea; --medium: #7f5200; --medium-tint: #fdf3dc; --low: #2a6540; --low-tint: #e8f4ec;
  --keyword: #7a2a9c; --type: #0b6478; --string: #2a6540; --number: #9c4300; --comment: #63676e; --name: #1d56b8; }
@media (prefers-color-scheme: dark) { :root { --paper: #131517; --card: #1a1d20; --tint: #1f2326; --line: #33383d; --ink: #e8e9ea; --soft: #a4a9b0; --link: #8ab8ff;
  --high: #ff9d94; --high-tint: #3a1d1b; --medium: #f0c169; --medium-tint: #342a14; --low: #8fd3a8; --low-tint: #1a2e21;
  --keyword: #d6a8f0; --type: #7fd0e0; --string: #9bd6ac; --number: #f2b183; --comment: #9aa0a8; --name: #9cc2ff; } }
body { --env: #4d5661; }
.production { --env: #b3201a; }
.hue-0 { --env: #0b6886; } .hue-1 { --env: #1d5ab8; } .hue-2 { --env: #5846bd; } .hue-3 { --env: #7a3dab; }
.hue-4 { --env: #0d7357; } .hue-5 { --env: #3d7420; } .hue-6 { --env: #835c00; } .hue-7 { --env: #52606d; }
`;
