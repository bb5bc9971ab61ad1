// Loaded with --import into a kwota: notes in the file KWOTA_CHAOS_LAG whenever its event loop stood still (`wall-clock-ms stall-ms` a line).
import { openSync, writeSync } from 'node:fs'

const everyMs = 10
const notedFromMs = 20

const path = process.env['KWOTA_CHAOS_LAG']
if (path !== undefined) {
  const file = openSync(path, 'a')
  let lastMs = performance.now()
  setInterval(() => {
    const nowMs = performance.now()
    const stallMs = nowMs - lastMs - everyMs
    lastMs = nowMs
    if (stallMs >= notedFromMs) writeSync(file, `${Date.now()} ${stallMs.toFixed(1)}\n`)
  }, everyMs).unref()
}
