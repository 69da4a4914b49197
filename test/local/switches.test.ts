import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import * as dataApi from '../../lib/local/rds-data/switches.ts';
import * as stepFunctions from '../../lib/local/step-functions/switches.ts';
import { flips, parseSwitches } from '../../lib/local/switches-variable.ts';
import { FUNCTION, lab } from './step-functions/lab.ts';

describe('LOCKSTEP_SWITCHES', () => {
  test('names answers to open questions', () => {
    expect(parseSwitches()).toEqual({ dataApi: {}, stepFunctions: {} });
    expect(parseSwitches('pausedCluster=blocks, rowBytes=unlimited,lateAnswer=TaskDoesNotExist')).toEqual({
      dataApi: { pausedCluster: 'blocks', rowBytes: null },
      stepFunctions: { lateAnswer: 'TaskDoesNotExist' },
    });
  });

  test.each(['pausedCluster', 'pausedCluster=refuses', 'nothing=else', 'toString=x', 'rowBytes=1'])(
    'refuses %s, and tells what there is',
    (text) => expect(() => parseSwitches(text)).toThrow(/at "[^"]+"\. .*pausedCluster=blocks.*missedHeartbeat=/s),
  );

  test('has another answer to every question there is, and none twice', () => {
    const questions = [...Object.entries(dataApi.SWITCHES), ...Object.entries(stepFunctions.SWITCHES)];
    for (const [name, usual] of questions) {
      const others = flips().filter((flip) => flip.startsWith(`${name}=`));
      expect(others, name).not.toEqual([]);
      for (const flip of others) {
        const { dataApi, stepFunctions } = parseSwitches(flip);
        expect({ ...dataApi, ...stepFunctions }).not.toEqual({ [name]: usual });
      }
    }
    expect(new Set(questions.map(([name]) => name)).size).toBe(questions.length);
  });

  test('says of each question what is open', async () => {
    for (const file of ['rds-data', 'step-functions']) {
      const text = await readFile(`lib/local/${file}/switches.ts`, 'utf8');
      const undocumented = text.match(/(?<!\*\/)\n {2}\w+: ('|boolean|number|\().*;/g)?.map((line) => line.trim());
      // These say themselves what is open: the wording.
      const known = ['timeoutMessage', 'transactionNotFoundMessage', 'rollbackStatus', 'errorWhere'];
      for (const line of undocumented ?? []) expect(known).toContain(line.split(':')[0]);
    }
  });
});

describe('a callback whose heartbeat is missed', () => {
  const waiting = {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Arguments: { FunctionName: FUNCTION, Payload: '{% $states.context.Task.Token %}' },
    HeartbeatSeconds: 60,
    TimeoutSeconds: 3600,
  };
  const caughtAs = async (name: string, missedHeartbeat: stepFunctions.Switches['missedHeartbeat']) => {
    const { start, ended } = lab({ handler: () => null, switches: { missedHeartbeat } });
    const states = {
      A: { ...waiting, Catch: [{ ErrorEquals: [name], Next: 'B' }], End: true },
      B: { Type: 'Pass', End: true },
    };
    return (await ended(await start({ StartAt: 'A', States: states }))).status === 'SUCCEEDED';
  };

  test('is found by the name that is switched on', async () => {
    expect(await caughtAs('States.Timeout', 'both')).toBe(true);
    expect(await caughtAs('States.HeartbeatTimeout', 'both')).toBe(true);
    expect(await caughtAs('States.Timeout', 'States.Timeout')).toBe(true);
    expect(await caughtAs('States.HeartbeatTimeout', 'States.Timeout')).toBe(false);
    expect(await caughtAs('States.Timeout', 'States.HeartbeatTimeout')).toBe(false);
    expect(await caughtAs('States.HeartbeatTimeout', 'States.HeartbeatTimeout')).toBe(true);
  });

  test('leaves a token whose late answer is told as switched', async () => {
    for (const lateAnswer of ['TaskTimedOut', 'TaskDoesNotExist'] as const) {
      let token = '';
      const handler = (it: string) => {
        token = it;
      };
      const { start, ended, call } = lab({ handler, switches: { lateAnswer } });
      await ended(await start({ StartAt: 'A', States: { A: { ...waiting, End: true } } }));
      await expect(call('SendTaskSuccess', { taskToken: token, output: '1' })).rejects.toMatchObject({
        name: lateAnswer,
      });
    }
  });
});
