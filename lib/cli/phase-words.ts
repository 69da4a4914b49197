import type { Phase } from './run-phase.ts';
import { time } from './time.ts';
import { told } from './told.ts';

/** `plans`, `waits for approval`, `bakes after wave 2 until 2026-11-21 10:45:00Z` */
export const phaseWords = (it: Phase): string => {
  switch (it.phase) {
    case 'arriving':
      return ['waits until its bundle may come here', it.missing.map(told).join('; ')].filter(Boolean).join(': ');
    case 'planning':
      return 'plans';
    case 'asking':
      return it.waits ? 'waits for approval' : 'asks for approval';
    case 'wave':
      return it.wave === null ? 'is at a wave' : `is at wave ${it.wave}`;
    case 'baking':
      return `bakes after wave ${it.wave} until ${time(it.until)}`;
    case 'checking':
      return `has its health checked after wave ${it.wave}`;
    case 'held':
      return 'is held';
    case 'parked':
      return `is parked before wave ${it.wave} until ${time(it.until)}`;
    case 'converging':
      return 'compares the databases';
    case 'reporting':
      return 'writes its report';
  }
};
