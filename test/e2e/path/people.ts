/** Where the environments are. */
export const ACCOUNTS = { build: '111111111111', live: '222222222222' };

/** Whose word counts for change tickets. */
export const CLERK = `arn:aws:iam::${ACCOUNTS.live}:role/Clerk`;

export const people = ['Ada', 'Berta', 'Carl'].map((name) => ({
  name,
  mail: `${name.toLowerCase()}@example.com`,
  iam: [`arn:aws:iam::${ACCOUNTS.live}:user/${name}`],
}));
