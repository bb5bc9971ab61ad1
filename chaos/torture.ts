// Torture: kwota is killed again and again while charge points charge and people write, and after each start everything it ever acknowledged is looked up.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram, UsageError, type Given, type Outcome, type Terminal } from './program.ts'
import { createRandom } from './random.ts'
import { startRedis } from './redis.ts'
import { TortureRun, type TortureResult } from './torture-run.ts'

const usage = `npm run torture -- [--cycles 20] [--store embedded|redis] [--power-loss] [--parallel 1] [--stations 20] [--seed N] [--json]
  Kills kwota (SIGKILL) at random moments and checks every acknowledgement after its restart.
  --cycles N       so many kills
  --store S        embedded (default), or redis: a redis-server of its own that syncs every write
  --power-loss     with each kill what was not synced is lost, and the last record torn (embedded store)
  --parallel N     so many kwotas at once, the cycles shared among them
  --stations N     charge points of each
  --seed N         the same charge points, requests and moments of death again (what falls between them is the machine's)
  --keep           leaves the data of the run where it is
  --json           the outcome as JSON

  npm run torture -- --cycles 200
  npm run torture -- --cycles 200 --store redis --parallel 2
  npm run torture -- --cycles 200 --power-loss
  npm run torture -- --cycles 20 --seed 1234567`

interface TortureOutcome extends Outcome { readonly store: string; readonly cycles: number; readonly results: readonly TortureResult[] }

await runProgram({
  usage,
  flags: {
    cycles: { type: 'string', default: '20' }, store: { type: 'string', default: 'embedded' }, parallel: { type: 'string', default: '1' },
    stations: { type: 'string', default: '20' }, keep: { type: 'boolean', default: false }, 'power-loss': { type: 'boolean', default: false },
  },
  run: torture,
})

async function torture(given: Given, terminal: Terminal): Promise<TortureOutcome> {
  const store = given.text('store')
  if (store !== 'embedded' && store !== 'redis') throw new UsageError(`--store is embedded or redis, not "${store}"`)
  const powerLoss = given.flag('power-loss')
  if (powerLoss && store === 'redis') throw new UsageError('--power-loss is for the embedded store: what a Redis syncs is its own')
  const [cycles, parallel, stations, { seed }] = [given.whole('cycles'), given.whole('parallel'), given.whole('stations'), given]
  const dir = mkdtempSync(join(tmpdir(), 'kwota-torture-'))
  terminal.say(`${cycles} kills on the ${store} store, ${stations} charge points; --seed ${seed}`)
  const redis = store === 'redis' ? await startRedis(join(dir, 'redis')) : null
  try {
    const results = await Promise.all(Array.from({ length: parallel }, (_, at) => new TortureRun({
      powerLoss, place: dir, name: `run-${at + 1}`, cycles: Math.ceil(cycles / parallel), stations, random: createRandom(seed).fork(`run ${at + 1}`),
      redisUrl: redis === null ? undefined : `${redis.url}/${at}`, say: (line) => terminal.say(parallel === 1 ? line : `[${at + 1}] ${line}`),
    }).run()))
    const sum = (of: (result: TortureResult) => number): number => results.reduce((total, result) => total + of(result), 0)
    const faults = results.flatMap((result) => result.faults)
    return {
      seed, faults, store, cycles: sum(({ kills }) => kills), results,
      summary: [
        `${sum(({ kills }) => kills)} kills on the ${store} store in ${terminal.atS.toFixed(0)} s: ${sum(({ killsWhileStarting }) => killsWhileStarting)} while it started, ${sum(({ killsBehindWrite }) => killsBehindWrite)} right behind a write${powerLoss ? `; ${sum(({ torn }) => torn)} times an end that was not synced was lost or torn, ${sum(({ tornBytes }) => tornBytes)} bytes` : ''}`,
        `${sum(({ acknowledged }) => acknowledged)} acknowledgements, looked up ${sum(({ checked }) => checked)} times: ${sum(({ sessions }) => sessions)} transactions, ${sum(({ repeats }) => repeats)} starts and stops said again, ${sum(({ deadlines }) => deadlines)} deadlines seen to their end`,
        `${sum(({ raisings }) => raisings)} raisings, ${sum(({ lowerings }) => lowerings)} lowerings; nearest to the limit behind a raising: ${Math.min(...results.map(({ leastMarginA }) => leastMarginA)).toFixed(1)} A below it`,
      ].join('\n'),
    }
  } finally {
    await redis?.stop()
    if (given.flag('keep')) terminal.say(`the data is in ${dir}`)
    else rmSync(dir, { recursive: true, force: true })
  }
}
