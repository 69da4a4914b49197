import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
    // Real PostgreSQL servers and handler processes stand behind the end-to-end files: more workers than this thrash.
    maxWorkers: 2,
  },
});
