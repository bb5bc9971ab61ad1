// Fuzz: frames that no charge point should send, against the living actors in this process or over sockets against the built product.
import { brokenPayloads } from './broken-payloads.ts'
import { badFrames } from './bad-frames.ts'
import { loadBuilt } from './fuzz-house.ts'
import { fuzzInside, type FuzzResult } from './fuzz-inside.ts'
import { fuzzSockets } from './fuzz-sockets.ts'
import { runProgram, type Given, type Outcome, type Terminal } from './program.ts'

const usage = `npm run fuzz -- [--frames 100000] [--sockets] [--stations 8] [--seed N] [--only INDEX] [--untimed] [--json]
  Every frame is one that must be refused. Nothing may crash, no state may change, each CALL gets one answer or its connection is closed, and nothing stalls for more than 250 ms.
  --frames N     so many
  --sockets      over WebSockets against a process, beside charge points that go on charging
  --stations N   so many connections
  --seed N       the same frames again
  --untimed      a stall is told, and is no fault
  --only INDEX   that one frame of the seed, printed with its answer

  npm run fuzz -- --frames 1000000
  npm run fuzz -- --frames 50000 --sockets
  npm run fuzz -- --seed 1234567 --only 4711`

const mostStallMs = 250

interface FuzzOutcome extends Outcome, FuzzResult { readonly frames: number; readonly framesPerS: number }

await runProgram({
  usage,
  flags: { frames: { type: 'string', default: '100000' }, stations: { type: 'string', default: '8' }, only: { type: 'string' }, sockets: { type: 'boolean', default: false } },
  run: fuzz,
})

async function fuzz(given: Given, terminal: Terminal): Promise<FuzzOutcome> {
  const only = given.text('only') === undefined ? null : given.whole('only', 0)
  const [frames, stations, { seed }] = [only === null ? given.whole('frames') : 1, given.whole('stations'), given]
  const built = await loadBuilt()
  const source = badFrames(seed, brokenPayloads(built.messages))
  if (only !== null) terminal.say(`frame ${only} (${source.at(only).kind}): ${source.at(only).text}`)
  terminal.say(`${frames} frames on ${stations} connections${given.flag('sockets') ? ' to a process' : ''}; --seed ${seed}`)
  const order = { source, first: only ?? 0, frames, stations, say: terminal.say }
  const beganMs = performance.now()
  const result = given.flag('sockets') ? await fuzzSockets(order) : await fuzzInside(built, order)
  const framesPerS = Math.round(frames / ((performance.now() - beganMs) / 1000))
  const faults = [...result.faults, ...(!given.untimed && result.longestMs > mostStallMs ? [`it stood still for ${result.longestMs.toFixed(0)} ms`] : [])]
  return {
    seed, frames, framesPerS, ...result, faults,
    summary: `${frames} frames, ${framesPerS} a second: ${result.refused} refused, ${result.dropped} dropped, ${result.closed} ended their connection; longest stall ${result.longestMs.toFixed(1)} ms`,
  }
}

