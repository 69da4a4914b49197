/** What clocks in a time zone show at an instant, as if it were UTC. */
const wall = (zone: string) => {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  return (instant: number): number => {
    const of: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(instant)) of[type] = Number(value);
    return Date.UTC(of.year!, of.month! - 1, of.day!, of.hour!, of.minute!, of.second!);
  };
};

/** A time zone: what its clocks show, and when they show it. */
export const timeZone = (zone: string) => {
  const shown = wall(zone);
  const offset = (instant: number) => shown(instant) - Math.floor(instant / 1000) * 1000;
  return {
    shown,
    /**
     * The instant at which clocks show this, given as if it were UTC: the first, where they are put back and show it
     * twice; none where they are put forward and never do.
     */
    instant(clock: number): number | undefined {
      const offsets = [offset(clock - DAY), offset(clock + DAY)];
      const found = offsets.map((it) => clock - it).filter((instant) => shown(instant) === clock);
      return found.length === 0 ? undefined : Math.min(...found);
    },
  };
};

const DAY = 86_400_000;
