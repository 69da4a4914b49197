/** Cuts a fleet into waves of so many clusters each, in the order given. */
export const waves = <Cluster>(clusters: Cluster[], size: number): Cluster[][] =>
  Array.from({ length: Math.ceil(clusters.length / size) }, (_, wave) =>
    clusters.slice(wave * size, (wave + 1) * size),
  );
