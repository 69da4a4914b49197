/** Clusters as a fleet is made of, found by their tags; all of them log in with one secret. */
export const fleetOf = (clusters: number, databases: number) =>
  Array.from({ length: clusters }, (_, cluster) => {
    const names = Array.from({ length: databases }, (_, at) => `tenant_${numbered(cluster * databases + at)}`);
    return {
      identifier: `fleet-${numbered(cluster)}`,
      secret: SECRET,
      databases: names,
      tags: { fleet: 'orders', 'lockstep:secret': SECRET, 'lockstep:databases': names.join(' ') },
    };
  });

const SECRET = 'lockstep/fleet';

const numbered = (index: number) => String(index + 1).padStart(5, '0');
