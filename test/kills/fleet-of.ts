/** Clusters with so many databases each. */
export const fleetOf = (clusters: number, databases: number) =>
  Array.from({ length: clusters }, (_, at) => {
    const cluster = `orders-${numbered(at, 2)}`;
    return {
      cluster,
      secret: `lockstep/${cluster}`,
      databases: Array.from({ length: databases }, (_, database) => `tenant_${numbered(at * databases + database, 4)}`),
    };
  });

const numbered = (index: number, digits: number) => String(index + 1).padStart(digits, '0');

/** One in a hundred is poisoned, and that many may fail. */
export const budgetOf = (databases: number): number => Math.max(1, Math.round(databases / 100));
