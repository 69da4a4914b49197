import * as z from 'zod';
import { Windows } from '../policy/windows/windows.ts';
import { WaveDeclaration } from './waves.ts';

/** What to do when a rollout is halted: end there, wait for a person, or take back what this run has applied. */
export const OnHalt = z.enum(['stop', 'hold', 'revert']);

export type OnHalt = z.infer<typeof OnHalt>;

/** How a bundle is rolled out over the fleet, as it is deployed with the pipeline. */
export const Rollout = z.strictObject({
  waves: z.array(WaveDeclaration).min(1).max(50),
  onHalt: OnHalt,
  /** Names of CloudWatch alarms, in the pipeline's account and region. */
  alarms: z.array(z.string()),
  healthCheck: z.boolean(),
  /** When waves may begin; at any time where there are none. */
  windows: Windows.optional(),
});

export type Rollout = z.infer<typeof Rollout>;

/** One wave of a plan. */
export const PlannedWave = z.object({
  /** 1-based. */
  wave: z.number(),
  name: z.string(),
  clusters: z.number(),
  databases: z.number(),
  /** Clusters worked on at once. */
  concurrency: z.number(),
  /** Databases that may fail; one more, and no other is started. */
  budget: z.number(),
  /** Seconds. */
  bake: z.number(),
  /** Which tenants' window it goes by; the environment's own where nothing is said. */
  window: z.number().optional(),
});

export type PlannedWave = z.infer<typeof PlannedWave>;

/** A wave as the workflow knows it: with its manifest, in the version that was written. */
export const WaveManifest = PlannedWave.extend({ key: z.string(), version: z.string() });

export type WaveManifest = z.infer<typeof WaveManifest>;

/** What the workflow is told of a plan, to carry it out: a few kilobytes, however large the fleet. */
export const PlannedRollout = z.object({
  waves: z.array(WaveManifest),
  onHalt: OnHalt,
  alarms: z.array(z.string()),
  healthCheck: z.boolean(),
  /** Whether every migration of it could be taken back. */
  canRevert: z.boolean(),
  windows: Windows.optional(),
});

export type PlannedRollout = z.infer<typeof PlannedRollout>;
