import type { FleetDeclaration } from '../fleet/fleet.ts';

/**
 * The sample service's fleet: three clusters with four tenants, two of which share one. Given sizes (the context
 * values `clusters` and `databases`), a made-up fleet of so many clusters with so many databases each.
 */
export const sampleFleet = (
  environment: string,
  sizes: { clusters?: unknown; databases?: unknown } = {},
): FleetDeclaration => {
  if (sizes.clusters === undefined && sizes.databases === undefined) {
    return [
      cluster(environment, 1, ['acme', 'globex']),
      cluster(environment, 2, ['initech']),
      cluster(environment, 3, ['umbrella']),
    ];
  }
  const databases = size(sizes.databases, 1);
  return Array.from({ length: size(sizes.clusters, 3) }, (_, index) =>
    cluster(
      environment,
      index + 1,
      Array.from(
        { length: databases },
        (_, tenant) => `tenant_${String(index * databases + tenant + 1).padStart(4, '0')}`,
      ),
    ),
  );
};

const cluster = (environment: string, number: number, databases: string[]) => ({
  cluster: `orders-${environment}-${number}`,
  secret: `lockstep/orders-${environment}-${number}`,
  databases,
});

/** Context values from a command line are texts. */
const size = (value: unknown, otherwise: number): number => (value === undefined ? otherwise : Number(value));
