import { defineConfig } from 'vitest/config';

// One configuration for every package: a package's script runs it with the package as root.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    passWithNoTests: true,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // What is waited for may take as long as a busy machine needs.
    expect: { poll: { timeout: 25_000 } },
  },
});
