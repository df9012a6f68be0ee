import { defineConfig } from 'vitest/config';

// One configuration for every package: a package's script runs it with the package as root.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    passWithNoTests: true,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
