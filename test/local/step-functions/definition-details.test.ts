import { expect, test } from 'vitest';
import { askPerson, invokeStep } from './lab.ts';
import { distributed, machine, pass, problems } from './problems.ts';

const task = invokeStep();

test.each<[string, unknown, string]>([
  [
    'a variable named like the reserved one',
    machine({ ...pass, Assign: { states: 1 } }),
    "'states' is not a valid variable name",
  ],
  ['a part of a variable', machine({ ...pass, Assign: { 'x.y': 1 } }), "'x.y' is not a valid variable name"],
  [
    'a variable of an outer scope',
    machine({
      Type: 'Parallel',
      Assign: { x: 1 },
      Branches: [{ StartAt: 'I', States: { I: { ...pass, Assign: { x: 2 } } } }],
      End: true,
    }),
    "The variable 'x' is already assigned in an outer scope at /States/A/Branches[0]/States/I/Assign/x",
  ],
  [
    'an expression that does not parse',
    machine({ ...pass, Output: { deep: ['{% a[ %}'] } }),
    'INVALID_JSONATA_EXPRESSION',
  ],
  ['a space before an expression', machine({ ...pass, Output: ' {% 1 %}' }), 'A JSONata expression must begin with'],
  [
    '$eval',
    machine({ ...pass, Output: '{% $eval("1") %}' }),
    'The function $eval is not supported, use $parse instead. at /States/A/Output',
  ],
  [
    'a name at the top level',
    machine({ ...pass, Output: { v: '{% $sum(phone) %}' } }),
    "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/A/Output/v",
  ],
  ['$$', machine({ ...pass, Output: '{% $$.a %}' }), "Reference to '$$' is not supported."],
  [
    'a result where there is none',
    machine({ ...pass, Output: '{% $states.result %}' }),
    "Reference to '$states.result' is not supported in this field. at /States/A/Output",
  ],
  [
    'a result among the arguments',
    machine({ ...task, Arguments: { FunctionName: '{% $states.result %}' } }),
    "'$states.result'",
  ],
  [
    'an error output outside of Catch',
    machine(invokeStep({ Output: '{% $states.errorOutput %}' })),
    "'$states.errorOutput'",
  ],
  [
    'a callback in express children',
    machine({ Type: 'Map', ItemProcessor: distributed('EXPRESS', askPerson()), End: true }),
    "Express state machine does not support '.waitForTaskToken'",
  ],
  [
    'a distributed map without its type',
    machine({
      Type: 'Map',
      ItemProcessor: { ...distributed('', pass), ProcessorConfig: { Mode: 'DISTRIBUTED' } },
      End: true,
    }),
    '[STANDARD, EXPRESS]',
  ],
  [
    'a label with a space',
    machine({ Type: 'Map', Label: 'a b', ItemProcessor: distributed('STANDARD', pass), End: true }),
    '/States/A/Label',
  ],
  [
    'ItemReader on an inline map',
    machine({ Type: 'Map', ItemReader: {}, ItemProcessor: { StartAt: 'I', States: { I: pass } }, End: true }),
    'supported in Distributed mode only at',
  ],
  [
    'an item source of a kind not supported',
    machine({
      Type: 'Map',
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        Arguments: { Bucket: 'b', Key: 'k' },
        ReaderConfig: { InputType: 'PARQUET' },
      },
      ItemProcessor: distributed('STANDARD', pass),
      End: true,
    }),
    '/ReaderConfig/InputType',
  ],
  [
    'an empty ResultWriter',
    machine({ Type: 'Map', ResultWriter: {}, ItemProcessor: distributed('STANDARD', pass), End: true }),
    'ResultWriter cannot be empty',
  ],
])('refuses %s', (_, definition, problem) => {
  expect(problems(definition).join('\n')).toContain(problem);
});

test('names inside of paths, filters, sorting and groups are no references at the top level', () => {
  const Output = [
    '{% $states.input.items[value > 3].name %}',
    '{% $states.input.items^(>age).name %}',
    '{% $states.input.items{name: $sum(price)} %}',
    '{% $map($states.input.items, function($it) { $it.name }) %}',
    '{% $states.input ~> |items|{"done": total > 0}| %}',
  ];
  expect(problems(machine({ ...pass, Output }))).toEqual([]);
});
