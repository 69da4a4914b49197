import type { Clock } from '../clock.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { stateFile } from '../protocol/state-file.ts';
import type { Place } from '../service.ts';
import type { AlarmProperties } from './alarm-properties.ts';

export type StateValue = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export type Alarm = {
  name: string;
  arn: string;
  properties: AlarmProperties;
  configured: string;
  state: { value: StateValue; reason: string; data?: string | undefined };
  stateUpdated: string;
  stateChanged: string;
};

export type HistoryItem = {
  alarm: string;
  at: string;
  type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  summary: string;
  data: object;
};

export type Alarms = ReturnType<typeof alarms>;

type Options = {
  place: Place;
  clock: Clock;
  file: string;
  /** Carries out one action of an alarm that has changed its state; says what has become of it. */
  act(action: string, alarm: Alarm, before: Alarm['state']): Promise<string>;
};

/**
 * CloudWatch's alarms. Nothing here evaluates metrics: an alarm is INSUFFICIENT_DATA until SetAlarmState says otherwise,
 * and then stays what that said, where on AWS the next evaluation would set it right.
 */
export const alarms = ({ place, clock, file, act }: Options) => {
  const disk = stateFile<{ alarms: Alarm[]; history: HistoryItem[] }>(file, { alarms: [], history: [] });
  const state = disk.read();
  const known = new Map(state.alarms.map((it) => [it.name, it]));
  const { history } = state;
  const save = () => disk.write({ alarms: [...known.values()], history });
  const remember = (alarm: string, type: HistoryItem['type'], summary: string, data: object) => {
    history.push({ alarm, type, summary, data, at: clock.now().toISOString() });
    if (history.length > REMEMBERED) history.shift();
  };
  const now = () => clock.now().toISOString();

  return {
    all: () => [...known.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    history: () => history,

    put(properties: AlarmProperties): Alarm {
      const { AlarmName: name } = properties;
      const standing = known.get(name);
      const arn = `arn:${place.partition}:cloudwatch:${place.region}:${place.account}:alarm:${name}`;
      const alarm: Alarm = {
        ...{ stateUpdated: now(), stateChanged: now(), state: UNCHECKED, ...standing },
        ...{ name, arn, properties, configured: now() },
      };
      known.set(name, alarm);
      const same = standing && JSON.stringify(standing.properties) === JSON.stringify(properties);
      const type = standing ? 'Update' : 'Create';
      if (!same) {
        const summary = `Alarm "${name}" ${standing ? 'updated' : 'created'}`;
        remember(name, 'ConfigurationUpdate', summary, { version: '1.0', type, updatedAlarm: properties });
      }
      save();
      return alarm;
    },

    /** @throws ResourceNotFound */
    async setState(name: string, to: Alarm['state']) {
      const alarm = known.get(name);
      if (!alarm) throw new AwsError('ResourceNotFound', `Alarm ${name} does not exist`, 404);
      const before = alarm.state;
      Object.assign(alarm, { state: to, stateUpdated: now() });
      if (before.value === to.value) return save();
      alarm.stateChanged = now();
      const told = ({ value, reason, data }: Alarm['state']) => ({
        stateValue: value,
        stateReason: reason,
        ...(data && { stateReasonData: JSON.parse(data) }),
      });
      const summary = `Alarm updated from ${before.value} to ${to.value}`;
      remember(name, 'StateUpdate', summary, { version: '1.0', oldState: told(before), newState: told(to) });
      save();
      if (!alarm.properties.ActionsEnabled) return;
      for (const action of alarm.properties[ACTIONS[to.value]]) {
        const outcome = await act(action, alarm, before);
        const actionState = outcome.startsWith('Successfully') ? 'Succeeded' : 'Failed';
        remember(name, 'Action', outcome, { actionState, notificationResource: action });
      }
      save();
    },

    remove(name: string) {
      if (!known.delete(name)) return;
      remember(name, 'ConfigurationUpdate', `Alarm "${name}" deleted`, { version: '1.0', type: 'Delete' });
      save();
    },
  };
};

const UNCHECKED: Alarm['state'] = { value: 'INSUFFICIENT_DATA', reason: 'Unchecked: Initial alarm creation' };

const ACTIONS = {
  OK: 'OKActions',
  ALARM: 'AlarmActions',
  INSUFFICIENT_DATA: 'InsufficientDataActions',
} as const;

/** Of all alarms together; AWS keeps them for 30 days. */
const REMEMBERED = 10_000;
