/** Sort key of what a run writes down of a database. */
export const verdictKey = ({ cluster, database }: { cluster: string; database: string }): string =>
  `DATABASE#${cluster}#${database}`;

/** Sort key of what a run has left to go back to, for one cluster. */
export const restorePointKey = (cluster: string): string => `RESTORE#${cluster}`;
