import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { State } from '../../lib/pipeline/asl.ts';
import { picture } from '../../lib/pipeline/picture.ts';
import { rolloutOf } from '../../lib/pipeline/rollout-props.ts';
import { workflow } from '../../lib/pipeline/workflow.ts';

const approval = { expiresAfter: 86_400, remindBefore: 10_800 };
const healthCheck = { functionArn: 'check', service: 'service', environment: 'environment' };
const plain = { rollout: rolloutOf({ windows: { timeZone: 'UTC' } }), databasesAtOnce: 1, healthCheck: null };
const shown = workflow({ functionArn: (task) => task, bucket: 'bucket', approval, ...plain, healthCheck });
const lines = (states: Record<string, State>): string[] =>
  picture({ StartAt: Object.keys(states)[0]!, States: states })
    .split('\n')
    .map((it) => it.trim());
const task = (Next: string, Catch: { ErrorEquals: string[]; Next: string }[] = []): State => ({
  ...{ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: {}, Catch, Next },
});
const fails = (Next: string) => [{ ErrorEquals: ['States.ALL'], Next }];

describe('the picture of a workflow', () => {
  test('is what the README shows', () => {
    const readme = existsSync('README.md') ? readFileSync('README.md', 'utf8') : '';
    const block = readme.match(/^```mermaid\n(.*?)\n```$/ms)?.[1];
    expect(block, 'renew it in README.md with the output of: node lib/pipeline/picture.ts').toBe(picture(shown));
  });

  test('is printed as a block to be pasted', () => {
    const printed = execFileSync(process.execPath, ['lib/pipeline/picture.ts'], { encoding: 'utf8' });
    expect(printed).toBe(`\`\`\`mermaid\n${picture(shown)}\n\`\`\`\n`);
  });

  test('has every state in words, and arrows in the order of the workflow', () => {
    expect(
      lines({
        TakeCare: task('WaitABit'),
        WaitABit: { Type: 'Wait', Seconds: 1, Next: 'Done' },
        Done: { Type: 'Succeed' },
      }),
    ).toEqual([
      'flowchart TD',
      'TakeCare["Take care"]',
      'WaitABit("Wait a bit")',
      'Done(["Done"])',
      'TakeCare --> WaitABit',
      'WaitABit --> Done',
    ]);
  });

  test('asks a question where there are two ways, and names the ways where there are more', () => {
    const choices = [
      { Condition: "{% $states.input.state = 'applied' %}", Next: 'Good' },
      { Condition: '{% $count > 1 and $name != "x" %}', Next: 'Odd' },
    ];
    expect(
      lines({
        AllDone: { Type: 'Choice', Choices: [{ Condition: '{% $all %}', Next: 'Which' }], Default: 'Odd' },
        Which: { Type: 'Choice', Choices: choices, Default: 'Odd' },
        Good: { Type: 'Succeed' },
        Odd: { Type: 'Fail', Error: 'Odd', Cause: 'odd' },
      }),
    ).toEqual([
      'flowchart TD',
      'AllDone{"All done?"}',
      'Which{"Which?"}',
      'Good(["Good"])',
      'Odd(["Odd"])',
      'AllDone -->|no| Odd',
      'AllDone -->|yes| Which',
      'Which -->|otherwise| Odd',
      'Which -->|applied| Good',
      'Which -->|"$count > 1 and $name != #quot;x#quot;"| Odd',
    ]);
  });

  test('frames what is done for each item', () => {
    const processor = { StartAt: 'Step', States: { Step: task('Rest'), Rest: { Type: 'Succeed' } as State } };
    expect(
      lines({
        All: { Type: 'Map', Items: '{% [] %}', MaxConcurrency: 3, ItemProcessor: processor, Next: 'Each' },
        Each: {
          ...{ Type: 'Map', Items: '{% [] %}', MaxConcurrency: 1, Comment: 'The oldest first', End: true },
          ItemProcessor: { StartAt: 'Only', States: { Only: { Type: 'Succeed' } } },
        },
      }),
    ).toEqual([
      'flowchart TD',
      'subgraph All["All: up to 3 at once"]',
      'Step["Step"]',
      'Rest(["Rest"])',
      'Step --> Rest',
      'end',
      'subgraph Each["Each: the oldest first"]',
      'Only(["Only"])',
      'end',
      'All --> Each',
    ]);
  });

  test('draws a catch where nothing else leads to its target, and the others as one', () => {
    expect(
      lines({
        First: task('Second', fails('Report')),
        Second: task('Report', [...fails('Report'), ...fails('Report')]),
        Third: task('Report', fails('Cleanup')),
        Cleanup: { Type: 'Pass', End: true },
        Report: { Type: 'Succeed' },
      }),
    ).toEqual([
      'flowchart TD',
      'First["First"]',
      'Second["Second"]',
      'Third["Third"]',
      'Cleanup["Cleanup"]',
      'Report(["Report"])',
      'First --> Second',
      'Second --> Report',
      'Third --> Report',
      'Third -.->|failure| Cleanup',
      'runFailure(["on any failure"]) -.-> Report',
    ]);
  });

  test('draws a catch of one kind of failure under its name, and a choice as its comment says', () => {
    const again = [{ ErrorEquals: ['States.Timeout'], Next: 'Ask' }];
    const choices = [
      { Condition: '{% $a %}', Comment: 'not yet', Next: 'Ask' },
      { Condition: '{% $b %}', Next: 'Report' },
    ];
    expect(
      lines({
        Which: { Type: 'Choice', Choices: choices, Default: 'Report' },
        Ask: task('Report', [...again, ...fails('Report')]),
        Report: { Type: 'Succeed' },
      }).slice(4),
    ).toEqual([
      'Which -->|otherwise| Report',
      'Which -->|not yet| Ask',
      'Which -->|"$b"| Report',
      'Ask --> Report',
      'Ask -.->|timeout| Ask',
      'runFailure(["on any failure"]) -.-> Report',
    ]);
  });

  test('shows where a person is waited for', () => {
    expect(picture(shown)).toContain('RequestApproval[/"Request approval and wait for a person"/]');
    expect(picture(workflow({ functionArn: (it) => it, bucket: 'bucket', approval: null, ...plain }))).not.toContain(
      'Request approval',
    );
  });
});
