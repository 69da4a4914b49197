/** What an environment's other state machines are called, by the name of the one that changes the fleet. */
export const restoreMachineName = (stateMachineName: string): string => `${stateMachineName}-restore`;
export const previewMachineName = (stateMachineName: string): string => `${stateMachineName}-preview`;
export const driftMachineName = (stateMachineName: string): string => `${stateMachineName}-drift`;
