// Loaded into a kwota of a test: on SIGUSR2 it makes the trouble that the file KWOTA_TEST_TROUBLE names.
import { readFileSync } from 'node:fs'

process.on('SIGUSR2', () => {
  const [kind, ms] = readFileSync(process.env['KWOTA_TEST_TROUBLE'], 'utf8').split(' ')
  if (kind === 'throw') throw new Error('planted by a test')
  if (kind === 'reject') void Promise.reject(new Error('planted by a test'))
  for (const endMs = performance.now() + Number(ms ?? 0); performance.now() < endMs;);
})
