const STAND_IN = /^needs .*: (scripts\/services\.sh up .*)$/;

/** A Jest reporter: says at the end which suites were left out for want of a component, and how to bring it. */
export default class MissingServicesReporter {
  onRunComplete(_contexts, { testResults }) {
    const tests = testResults.flatMap((file) => file.testResults);
    const leftOut = tests.filter((test) => test.status === 'pending' && STAND_IN.test(test.title));
    if (leftOut.length === 0) return;
    console.error('\nLeft out, for want of a component:');
    for (const { ancestorTitles, title } of leftOut)
      console.error(`  ${ancestorTitles.join(' › ')}: ${title}`);
  }
}
