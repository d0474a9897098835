// ci-reporter.mjs — one plain closing line that a CI can count: `tests: N passed, N failed, N skipped`.
export default class CiReporter {
  onTestRunEnd(modules) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        counts[state in counts ? state : "failed"] += 1;
      }
      if (module.errors().length > 0) counts.failed += 1;
    }
    const { passed, failed, skipped } = counts;
    console.log(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  }
}
