import { z } from 'zod';
import { alarmProperties } from '../../cloudwatch/alarm-properties.ts';
import { type Resource, resource } from '../resource.ts';

/** An alarm that stands already keeps its state, as on AWS. */
export const alarm: Resource = resource(
  { AlarmName: z.string().optional(), ...alarmProperties },
  ({ AlarmName, ...properties }, { services, name }) => {
    const { arn, name: ref } = services.alarms.put({ AlarmName: AlarmName ?? name(255), ...properties });
    return { ref, attributes: { Arn: arn } };
  },
);
