import { App, Duration, Stack } from 'aws-cdk-lib';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Approval, MigrationPipeline, type MigrationPipelineProps, Wave } from '../../../lib/index.ts';
import { ada, people } from '../shop/people.ts';

// Environments with windows. The test begins on Friday, 26 March 2027, at 10:00 UTC; on Sunday clocks go forward in Berlin.
const app = new App();

const pipeline = (
  environment: string,
  clusters: { labels?: Record<string, string> }[],
  rules: (stack: Stack) => Partial<MigrationPipelineProps>,
): void => {
  const stack = new Stack(app, environment);
  const fleet = clusters.map((it, at) => {
    const cluster = `shop-${environment}-${at + 1}`;
    return { cluster, secret: `lockstep/${cluster}`, databases: [`tenant_${at + 1}`], ...it };
  });
  new MigrationPipeline(stack, 'Migrations', { service: 'shop', environment, fleet, concurrency: 1, ...rules(stack) });
};

const approval = Approval.by({
  people,
  rules: { low: 1, medium: 1, high: 1 },
  expiresAfter: Duration.hours(8),
  mailLinkIsEnough: true,
  breakGlass: { by: [ada.name] },
});

const sundays = { timeZone: 'Europe/Berlin', weekly: [{ days: ['Sunday' as const], from: '01:30', to: '03:30' }] };

pipeline('nightly', [{}, {}], () => ({ approval, windows: sundays, waves: [Wave.canary(1), Wave.rest()] }));

pipeline('open', [{}], () => ({ windows: sundays }));

pipeline('strict', [{}], () => ({ approval, windows: { ...sundays, outside: 'refuse' } }));

// When the first wave has baked, the first window is still open, and too short for the second one.
pipeline('short', [{}, {}, {}], () => ({
  windows: {
    timeZone: 'UTC',
    weekly: [
      { days: ['Saturday'], from: '02:00', to: '02:03' },
      { days: ['Sunday'], from: '02:00', to: '06:00' },
    ],
  },
  waves: [Wave.canary(1, { bake: Duration.seconds(100) }), Wave.rest()],
}));

pipeline('regions', [{ labels: { region: 'asia' } }, { labels: { region: 'europe' } }], (stack) => ({
  windows: {
    timeZone: 'Europe/Berlin',
    weekly: [{ from: '22:00', to: '24:00' }],
    closedDays: ['Friday'],
    calendars: [calendar(stack)],
    tenants: [{ where: { region: 'asia' }, timeZone: 'Asia/Tokyo', weekly: [{ from: '02:00', to: '04:00' }] }],
  },
  waves: [Wave.rest()],
}));

/** Closed on Saturday. */
function calendar(stack: Stack): string {
  const type = { documentType: 'ChangeCalendar', documentFormat: 'TEXT' };
  const document = new CfnDocument(stack, 'Changes', { ...type, content: {} });
  // CloudFormation takes a text, and CDK an object only.
  document.addPropertyOverride(
    'Content',
    [
      ...['BEGIN:VCALENDAR', 'PRODID:-//AWS//Change Calendar 1.0//EN', 'VERSION:2.0', 'X-CALENDAR-TYPE:DEFAULT_OPEN'],
      ...['BEGIN:VEVENT', 'DTSTART:20270327T000000Z', 'DTEND:20270328T000000Z', 'END:VEVENT', 'END:VCALENDAR'],
    ].join('\r\n'),
  );
  return document.ref;
}
