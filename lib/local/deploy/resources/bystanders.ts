import { z } from 'zod';
import { ignored, type Resource, resource } from '../resource.ts';

/** Functions' output goes to files under `logs`; the group is a name. */
export const logGroup: Resource = resource(
  {
    LogGroupName: z.string().optional(),
    RetentionInDays: ignored,
    KmsKeyId: ignored,
    LogGroupClass: ignored,
    DeletionProtectionEnabled: ignored,
  },
  ({ LogGroupName }, { name, arn }) => {
    const group = LogGroupName ?? name(512);
    return { ref: group, attributes: { Arn: arn('logs', `log-group:${group}:*`) } };
  },
);

/** A picture of metrics, which there are none of here. */
export const dashboard: Resource = resource(
  { DashboardName: z.string().optional(), DashboardBody: z.string() },
  ({ DashboardName }, { name }) => ({ ref: DashboardName ?? name(255) }),
);

/** Nobody here counts what is logged. */
export const metricFilter: Resource = resource(
  {
    LogGroupName: z.string(),
    FilterPattern: z.string(),
    MetricTransformations: z.array(z.looseObject({ MetricName: z.string(), MetricNamespace: z.string() })).length(1),
    FilterName: z.string().optional(),
    ApplyOnTransformedLogs: ignored,
    FieldSelectionCriteria: ignored,
    EmitSystemFieldDimensions: ignored,
  },
  ({ FilterName }, { name }) => ({ ref: FilterName ?? name(512) }),
);

/** What has no effect here: a policy that says which services may write logs, and the CDK's metadata. */
export const resourcePolicy: Resource = async (_, { logicalId }) => ({ ref: logicalId });
