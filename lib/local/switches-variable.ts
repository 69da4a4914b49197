import { failure } from '../failure.ts';
import * as dataApi from './rds-data/switches.ts';
import * as stepFunctions from './step-functions/switches.ts';

/** What is to be answered otherwise than by default where AWS's own answer is unknown. */
export type SwitchPlan = { dataApi: Partial<dataApi.Switches>; stepFunctions: Partial<stepFunctions.Switches> };

export const SwitchesInvalid = failure(
  'SwitchesInvalid',
  (it: { part: string; known: string[] }) =>
    `LOCKSTEP_SWITCHES can't be understood at "${it.part}". It is a list with commas of name=answer, as in pausedCluster=blocks,rowBytes=unlimited; there are ${it.known.join(', ')}.`,
);

/** Every answer that is not the default, as `name=answer`. */
export const flips = (): string[] =>
  [dataApi.OTHERWISE, stepFunctions.OTHERWISE].flatMap((service) =>
    Object.entries(service).flatMap(([name, answers]) => Object.keys(answers).map((answer) => `${name}=${answer}`)),
  );

/** Reads what the environment variable LOCKSTEP_SWITCHES holds. @throws SwitchesInvalid */
export const parseSwitches = (text = ''): SwitchPlan => {
  const plan: SwitchPlan = { dataApi: {}, stepFunctions: {} };
  const known = flips();
  for (const part of text.split(',').map((it) => it.trim())) {
    if (part === '') continue;
    if (!known.includes(part)) throw new SwitchesInvalid({ part, known });
    const [name = '', answer = ''] = part.split(/=(.*)/s);
    if (Object.hasOwn(dataApi.OTHERWISE, name))
      Object.assign(plan.dataApi, { [name]: dataApi.OTHERWISE[name as keyof dataApi.Switches][answer] });
    else
      Object.assign(plan.stepFunctions, {
        [name]: stepFunctions.OTHERWISE[name as keyof stepFunctions.Switches][answer],
      });
  }
  return plan;
};
