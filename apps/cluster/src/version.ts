/** The version that `--version` prints: that of all packages. */
export const version = '0.1.0';
