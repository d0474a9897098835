// version.ts — the version of this package, the same as in its package.json (a test compares them).

export const daemonVersion = "0.1.0";
