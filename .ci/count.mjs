// Reads a vitest JSON report and prints "passed failed"; what was left out, what did not load and a run that broke off count as failed.
import { readFileSync } from 'node:fs'

const [file, code = '0'] = process.argv.slice(2)

function countsOf(report) {
  const unloaded = report.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.every((test) => test.status !== 'failed'))
  const leftOut = report.testResults.flatMap((suite) => suite.assertionResults).filter((test) => test.status !== 'passed' && test.status !== 'failed')
  for (const suite of unloaded) console.error(`did not load: ${suite.name}`)
  for (const test of leftOut) console.error(`left out: ${test.fullName}`)
  return { passed: report.numPassedTests, failed: report.numFailedTests + unloaded.length + leftOut.length }
}

let counts = { passed: 0, failed: 1 }
try {
  counts = countsOf(JSON.parse(readFileSync(file, 'utf8')))
} catch (error) {
  console.error(`no report: ${error instanceof Error ? error.message : error}`)
}
if (counts.failed === 0 && (code !== '0' || counts.passed === 0)) counts.failed = 1
console.log(`${counts.passed} ${counts.failed}`)
