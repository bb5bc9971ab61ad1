// Redis faults: Redis hangs, is full or dies in the middle of limit cuts, and the charge points say how long the lowerings took.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inMs, spreadOf, type Spread } from './percentiles.ts'
import { runProgram, UsageError, type Given, type Outcome, type Terminal } from './program.ts'
import { createRandom } from './random.ts'
import { startRedis } from './redis.ts'
import { RedisRun, type FaultPlan, type FaultResult } from './redis-run.ts'
import { storeFaults, type StoreFault } from './store-fault.ts'

const usage = `npm run redis-faults -- [--seconds 1,10,60] [--connectors 200] [--faults hung,full,killed] [--points N] [--untimed] [--seed N] [--json]
  kwota on a redis-server of its own that syncs every write. Redis hangs (SIGSTOP), is full (maxmemory), or dies and comes back; the limit
  of a site is cut meanwhile, again and again. Wanted: the first lowering within 100 ms of the request, 99 of 100 within 1.5 s, no raising
  before Redis is back, and everything that was acknowledged is there afterwards.
  --seconds S      how long each hang lasts; without hangs, how long the others last (3 s beside hangs)
  --connectors N   cars of the site whose limit is cut
  --faults F       some of hung, full, killed
  --points N       instead: so many short faults at random points, of at most 0.7 s each
  --untimed        what was slow is told, and is no fault

  npm run redis-faults -- --seconds 10 --faults hung
  npm run redis-faults -- --points 50 --connectors 20`

const wanted = { firstMs: 100, eachMs: 1_500 }
const briefMs = 3_000
const mostCuts = 20
/** So many cuts each kind has, in as many rounds as that needs. */
const enoughCuts = 10
const cutsPerS = 2

interface FaultFigures {
  readonly fault: StoreFault
  readonly forS: string
  readonly rounds: number
  readonly cuts: number
  readonly firstLoweringMs: Spread
  /** Over all connectors of all cuts. */
  readonly loweredMs: Spread
  readonly answeredMs: Spread
  readonly raisings: number
  readonly mostOverA: number
  readonly recoveredMs: Spread
}
interface RedisFaultsOutcome extends Outcome { readonly connectors: number; readonly acknowledged: number; readonly checked: number; readonly figures: readonly FaultFigures[] }

await runProgram({
  usage,
  flags: { seconds: { type: 'string', default: '1,10,60' }, connectors: { type: 'string', default: '200' }, faults: { type: 'string', default: storeFaults.join(',') }, points: { type: 'string', default: '0' } },
  run: redisFaults,
})

async function redisFaults(given: Given, terminal: Terminal): Promise<RedisFaultsOutcome> {
  const [connectors, points, { seed }] = [given.whole('connectors'), given.whole('points', 0), given]
  const random = createRandom(seed)
  const plans = points > 0 ? atRandom(points, faultsOf(given), random.fork('points')) : inOrder(secondsOf(given), faultsOf(given))
  const dir = mkdtempSync(join(tmpdir(), 'kwota-redis-faults-'))
  terminal.say(`${plans.length} faults of Redis under ${connectors} connectors; --seed ${seed}`)
  const redis = await startRedis(join(dir, 'redis'))
  try {
    const run = new RedisRun({ place: join(dir, 'kwota'), connectors, redis, random: random.fork('run') })
    const results = await run.run(plans, (line, result) => terminal.say(result === null ? line : `${line}: ${result.firstMs.length} cuts, the first lowering within ${Math.max(...result.firstMs).toFixed(0)} ms, all within ${Math.max(...result.eachMs).toFixed(0)} ms, ready again after ${result.recoveredMs.toFixed(0)} ms`))
    const figures = points > 0 ? storeFaults.flatMap((fault) => figuresOf(results.filter((result) => result.fault === fault), 'up to 0.7')) : grouped(results)
    const slow = (what: string, ms: number, mostMs: number): string[] => (given.untimed || ms <= mostMs ? [] : [`${what} took ${ms.toFixed(0)} ms, and ${mostMs} ms are wanted`])
    return {
      seed, connectors, figures, acknowledged: run.book.made, checked: run.book.checked,
      faults: [...run.book.faults, ...figures.flatMap(({ fault, forS, firstLoweringMs, loweredMs }) => [
        ...slow(`the first lowering with Redis ${fault} for ${forS} s`, firstLoweringMs.p99, wanted.firstMs), ...slow(`lowering 99 of 100 with Redis ${fault} for ${forS} s`, loweredMs.p99, wanted.eachMs),
      ])],
      summary: [
        ...figures.map((one) => [
          `Redis ${one.fault} for ${one.forS} s, ${one.rounds} times; ${one.cuts} cuts of ${connectors} connectors, ${one.raisings} raisings meanwhile`,
          `  first lowering ${inMs(one.firstLoweringMs)}`, `  every connector ${inMs(one.loweredMs)}`, `  the request answered ${inMs(one.answeredMs)}`,
          `  nearest to the limit ${(-one.mostOverA).toFixed(1)} A below it; ready, and the alert over: ${inMs(one.recoveredMs)}`,
        ].join('\n')),
        `${run.book.made} acknowledgements, looked up ${run.book.checked} times`,
      ].join('\n'),
    }
  } finally {
    await redis.stop()
    rmSync(dir, { recursive: true, force: true })
  }
}

function secondsOf(given: Given): number[] {
  const text = given.text('seconds') ?? ''
  if (!/^[1-9]\d{0,3}(?:,[1-9]\d{0,3})*$/.test(text)) throw new UsageError(`--seconds needs whole numbers from 1 with commas between, like 1,10,60, not "${text}"`)
  return text.split(',').map(Number)
}

function faultsOf(given: Given): StoreFault[] {
  const names = (given.text('faults') ?? '').split(',')
  const unknown = names.find((name) => !storeFaults.some((fault) => fault === name))
  if (unknown !== undefined) throw new UsageError(`--faults is some of ${storeFaults.join(', ')}, not "${unknown}"`)
  return storeFaults.filter((fault) => names.includes(fault))
}

function inOrder(seconds: readonly number[], faults: readonly StoreFault[]): FaultPlan[] {
  return faults.flatMap((fault) => (fault === 'hung' || !faults.includes('hung') ? seconds.map((one) => one * 1000) : [briefMs]).flatMap((forMs) => {
    const cuts = Math.min(mostCuts, Math.floor(forMs / 1000 * cutsPerS))
    return Array.from({ length: Math.ceil(enoughCuts / cuts) }, () => ({ fault, forMs, mostCuts: cuts }))
  }))
}

function atRandom(points: number, faults: readonly StoreFault[], random: ReturnType<typeof createRandom>): FaultPlan[] {
  return Array.from({ length: points }, () => ({ fault: random.pick(faults), forMs: random.between(20, 700), mostCuts: 1 }))
}

function grouped(results: readonly FaultResult[]): FaultFigures[] {
  const alike = (one: FaultResult, other: FaultResult): boolean => one.fault === other.fault && one.forMs === other.forMs
  const firsts = results.filter((one, at) => results.findIndex((other) => alike(one, other)) === at)
  return firsts.flatMap((first) => figuresOf(results.filter((other) => alike(first, other)), String(first.forMs / 1000)))
}

function figuresOf(results: readonly FaultResult[], forS: string): FaultFigures[] {
  const [first] = results
  if (first === undefined) return []
  return [{
    fault: first.fault, forS, rounds: results.length, cuts: results.reduce((sum, { firstMs }) => sum + firstMs.length, 0),
    firstLoweringMs: spreadOf(results.flatMap(({ firstMs }) => firstMs)), loweredMs: spreadOf(results.flatMap(({ eachMs }) => eachMs)), answeredMs: spreadOf(results.flatMap(({ answeredMs }) => answeredMs)),
    raisings: results.reduce((sum, { raisings }) => sum + raisings, 0), mostOverA: Math.max(...results.map(({ mostOverA }) => mostOverA)), recoveredMs: spreadOf(results.map(({ recoveredMs }) => recoveredMs)),
  }]
}
