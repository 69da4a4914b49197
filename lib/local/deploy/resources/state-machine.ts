import { z } from 'zod';
import { plainObjects } from '../../s3/object-store.ts';
import { ignored, type Resource, resource } from '../resource.ts';
import { checkStatesRole } from '../trust.ts';

export const stateMachine: Resource = resource(
  {
    StateMachineName: z.string().optional(),
    StateMachineType: z.literal('STANDARD').optional(),
    RoleArn: z.string(),
    Definition: z.looseObject({}).optional(),
    DefinitionString: z.string().optional(),
    DefinitionS3Location: z.strictObject({ Bucket: z.string(), Key: z.string() }).optional(),
    DefinitionSubstitutions: z.record(z.string(), z.coerce.string()).default({}),
    LoggingConfiguration: z
      .strictObject({
        Level: z.string().optional(),
        IncludeExecutionData: z.boolean().optional(),
        Destinations: z.array(z.unknown()).optional(),
      })
      .optional(),
    TracingConfiguration: ignored,
    EncryptionConfiguration: ignored,
  },
  async (it, context) => {
    const { services, name } = context;
    const { LoggingConfiguration: logging } = it;
    const text = it.DefinitionS3Location
      ? (await plainObjects(services.store).get(it.DefinitionS3Location.Bucket, it.DefinitionS3Location.Key)).toString()
      : (it.DefinitionString ?? JSON.stringify(it.Definition ?? {}));
    const definition = text.replaceAll(
      /\$\{(\w+)\}/g,
      (whole, key: string) => it.DefinitionSubstitutions[key] ?? whole,
    );
    const machineName = it.StateMachineName ?? name(80);
    checkStatesRole(it.RoleArn, context.arn('states', `stateMachine:${machineName}`), context);
    const arn = services.stepFunctions.createStateMachine({
      name: machineName,
      definition,
      roleArn: it.RoleArn,
      ...(logging
        ? {
            loggingConfiguration: {
              level: logging.Level ?? 'OFF',
              includeExecutionData: logging.IncludeExecutionData ?? false,
            },
          }
        : {}),
    });
    return { ref: arn, attributes: { Arn: arn, Name: machineName } };
  },
);
