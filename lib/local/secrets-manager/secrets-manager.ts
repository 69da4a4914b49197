import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import { jsonService, operation } from '../protocol/json.ts';
import type { Secret, Vault } from './vault.ts';

const VALUE = {
  SecretString: z.string().optional(),
  SecretBinary: z.string().optional(),
  ClientRequestToken: z.string().min(32).max(64).optional(),
};

/** AWS Secrets Manager (JSON 1.1) over a vault. */
export const secretsManager = (vault: Vault) =>
  jsonService('secretsmanager', {
    GetSecretValue: operation(
      z.strictObject({ SecretId: z.string(), VersionId: z.string().optional(), VersionStage: z.string().optional() }),
      ({ SecretId, VersionId, VersionStage = VersionId ? undefined : 'AWSCURRENT' }) => {
        const secret = vault.find(SecretId);
        const version = secret.versions.find(
          ({ id, stages }) => (!VersionId || id === VersionId) && (!VersionStage || stages.includes(VersionStage)),
        );
        if (!version) {
          const which = VersionId ? `VersionId: ${VersionId}` : `staging label: ${VersionStage}`;
          throw new AwsError(
            'ResourceNotFoundException',
            `Secrets Manager can't find the specified secret value for ${which}`,
          );
        }
        return {
          ARN: secret.arn,
          Name: secret.name,
          VersionId: version.id,
          SecretString: version.string,
          SecretBinary: version.binary,
          VersionStages: version.stages,
          CreatedDate: seconds(version.created),
        };
      },
    ),
    DescribeSecret: operation(z.strictObject({ SecretId: z.string() }), ({ SecretId }) =>
      described(vault.find(SecretId)),
    ),
    ListSecrets: operation(
      z.strictObject({ MaxResults: z.number().int().min(1).max(100).default(100), NextToken: z.string().optional() }),
      ({ MaxResults, NextToken }) => {
        const start = Number(NextToken ?? 0);
        const all = vault.all();
        const end = start + MaxResults;
        return {
          SecretList: all.slice(start, end).map(described),
          ...(end < all.length ? { NextToken: String(end) } : {}),
        };
      },
    ),
    CreateSecret: operation(
      z.strictObject({
        Name: z.string(),
        Description: z.string().optional(),
        Tags: z.array(z.unknown()).optional(),
        ...VALUE,
      }),
      ({ Name, Description, ClientRequestToken, ...value }) => {
        const { arn, name, versions } = vault.create(Name, stored(value), Description, ClientRequestToken);
        return { ARN: arn, Name: name, VersionId: versions[0]?.id };
      },
    ),
    PutSecretValue: operation(
      z.strictObject({ SecretId: z.string(), ...VALUE }),
      ({ SecretId, ClientRequestToken, ...value }) => {
        if (value.SecretString === undefined && value.SecretBinary === undefined) {
          throw new AwsError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
        }
        const version = vault.add(SecretId, stored(value), ClientRequestToken);
        const { arn, name } = vault.find(SecretId);
        return { ARN: arn, Name: name, VersionId: version.id, VersionStages: version.stages };
      },
    ),
    UpdateSecret: operation(
      z.strictObject({ SecretId: z.string(), ...VALUE }),
      ({ SecretId, ClientRequestToken, ...value }) => {
        const { arn, name } = vault.find(SecretId);
        const changes = value.SecretString !== undefined || value.SecretBinary !== undefined;
        const version = changes ? vault.add(SecretId, stored(value), ClientRequestToken) : undefined;
        return { ARN: arn, Name: name, VersionId: version?.id };
      },
    ),
  });

const seconds = (iso: string) => new Date(iso).getTime() / 1000;

const stored = ({
  SecretString,
  SecretBinary,
}: {
  SecretString?: string | undefined;
  SecretBinary?: string | undefined;
}) => {
  if (Buffer.byteLength(SecretString ?? SecretBinary ?? '') > 65_536) {
    throw new AwsError('InvalidParameterException', 'A secret value has at most 65,536 bytes.');
  }
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw new AwsError(
      'InvalidParameterException',
      "You can't specify both a binary secret value and a string secret value.",
    );
  }
  return {
    ...(SecretString === undefined ? {} : { string: SecretString }),
    ...(SecretBinary === undefined ? {} : { binary: SecretBinary }),
  };
};

const described = ({ arn, name, description, created, changed, versions }: Secret) => ({
  ARN: arn,
  Name: name,
  Description: description,
  CreatedDate: seconds(created),
  LastChangedDate: seconds(changed),
  VersionIdsToStages: Object.fromEntries(versions.map(({ id, stages }) => [id, stages])),
});
