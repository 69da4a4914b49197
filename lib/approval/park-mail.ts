import type { Parked } from '../ledger/parked.ts';
import { type Mail, paragraphs, subject, told } from './mail.ts';

type Where = { service: string; environment: string; run: string };

/** Tells everybody that a run rests, until when, and what can be done about it. */
export const parkMail = ({ service, environment, run }: Where, parked: Parked, breakGlass: boolean): Mail => ({
  Subject: subject(`Parked: ${service} ${environment}, until ${parked.shown}`),
  Message: paragraphs(
    `Run ${told(run)} of ${told(service)} in ${told(environment).toUpperCase()} is parked until\n${told(parked.shown)}.`,
    `It would begin with wave ${parked.wave} (${told(parked.name)}), but ${told(parked.reason)}.`,
    `It goes on by itself then, and keeps others from changing ${told(environment)} until it has ended. To end it now:\nlockstep abandon ${told(environment)} ${told(run)} --reason "…"`,
    breakGlass
      ? `In an emergency, whoever may break the glass has it go on at once:\nlockstep approve ${told(environment)} ${told(run)} --break-glass --reason "…"`
      : null,
  ),
});
