// Adds up vitest's JSON reports of a folder and prints the line that CI reads: `N passed, N failed`.
// With the argument `failed`, a run in which no test failed still counts one failure: the tier that ended it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, verdict] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const file of readdirSync(folder)) {
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  passed += report.numPassedTests;
  failed += report.numFailedTests + (report.success || report.numFailedTests > 0 ? 0 : 1);
}
if (verdict === 'failed' && failed === 0) failed = 1;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
