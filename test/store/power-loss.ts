// Power cuts and failing writes by the thousand, over a real embedded store on a faulty disk: what was acknowledged is there, and nothing is missing in the middle.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../src/clock.ts'
import { between, createRandom, type Random } from '../../src/simulator/random.ts'
import { openEmbeddedStore } from '../../src/store/embedded.ts'
import { StoreUnavailable, type Store } from '../../src/store/port.ts'
import { FaultyDisk, type Step, type WriteFault } from './faulty-disk.ts'

/**
 * powerLossCycles({ cycles: 200, seed: 1 }) opens, writes, fails writes where `failingWrites` (default true), cuts the power, opens what is
 * left, looks, and goes on with it; a new directory every ten cycles, under `inside` (default: where the system keeps such). `findings` is
 * empty when all is well; each names the cycle and the seed, with which it comes again.
 */
export interface PowerLossOptions { readonly cycles: number; readonly seed: number; readonly failingWrites?: boolean; readonly forgetful?: boolean; readonly inside?: string }

export interface PowerLossReport {
  readonly cycles: number
  readonly submitted: number
  readonly acknowledged: number
  readonly refused: number
  readonly failedWrites: number
  /** Bytes of logs that were not durable: those found again, or spoilt, and those that were not. */
  readonly tailKept: number
  readonly tailLost: number
  /** What had been written and was not found again, none of it acknowledged. */
  readonly gone: number
  readonly findings: readonly string[]
}

interface Tail { readonly kept: number; readonly lost: number; readonly lostBefore: number }

interface Operation {
  readonly n: number
  /** `lasting`: an append that is durable when it resolves. */
  readonly kind: 'commit' | 'claim' | 'append' | 'lasting'
  state: 'submitted' | 'acknowledged' | 'refused'
  /** Of the failure that refused it. */
  failure: number
}

const lifeCycles = 10
const largestValue = 40_000
const steps: readonly Step[] = ['begun', 'landed', 'synced']
const faults: readonly WriteFault[] = (['ENOSPC', 'EIO', 'EROFS'] as const).flatMap(code => (['before', 'torn', 'sync'] as const).map((at): WriteFault => ({ code, at })))

/** What waits two seconds in the field waits forty milliseconds here. */
const clock: Clock = {
  wall: () => Date.now(),
  mono: () => performance.now() * 50,
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs / 50)
    return () => clearTimeout(timer)
  },
}

export async function powerLossCycles(options: PowerLossOptions): Promise<PowerLossReport> {
  const root = mkdtempSync(join(options.inside ?? tmpdir(), 'kwota-power-'))
  const sums = { cycles: 0, submitted: 0, acknowledged: 0, refused: 0, failedWrites: 0, tailKept: 0, tailLost: 0, gone: 0 }
  const findings: string[] = []
  let life = { kept: [] as Operation[], next: 0 }
  let dataDir = ''
  try {
    for (let cycle = 0; cycle < options.cycles; cycle += 1) {
      if (cycle % lifeCycles === 0) {
        if (dataDir !== '') rmSync(dataDir, { recursive: true })
        life = { kept: [], next: 0 }
        dataDir = join(root, `${cycle}`)
      }
      const random = createRandom(options.seed * 1_000_003 + cycle)
      const image = join(root, `${cycle}-after`)
      const { operations, failedWrites, tail } = await runUntilPowerLoss({ dataDir, image, random, first: life.next, options })
      rmSync(dataDir, { recursive: true })
      dataDir = image
      const there = await lookInto(image)
      const wrong = judge({ kept: life.kept, operations, there, mayLackAppends: tail.lostBefore > 0 })
      findings.push(...wrong.map(what => `seed ${options.seed}, cycle ${cycle}: ${what}`))
      life = { kept: [...life.kept, ...operations].filter(({ n }) => there.has(n)), next: life.next + operations.length }
      sums.cycles += 1
      sums.submitted += operations.length
      sums.acknowledged += operations.filter(({ state }) => state === 'acknowledged').length
      sums.refused += operations.filter(({ state }) => state === 'refused').length
      sums.gone += operations.filter(({ n, state }) => state !== 'refused' && !there.has(n)).length
      sums.failedWrites += failedWrites
      sums.tailKept += tail.kept
      sums.tailLost += tail.lost
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  return { ...sums, findings }
}

async function runUntilPowerLoss({ dataDir, image, random, first, options }: {
  readonly dataDir: string; readonly image: string; readonly random: Random; readonly first: number; readonly options: PowerLossOptions
}): Promise<{ operations: Operation[]; failedWrites: number; tail: Tail }> {
  const count = between(random, 3, 60)
  const cut = { write: between(random, 1, count), step: steps[between(random, 0, 2)] }
  const failing = new Map<number, WriteFault | undefined>()
  if (options.failingWrites !== false && random() < 0.5) for (let n = between(random, 1, 3); n > 0; n -= 1) failing.set(between(random, 2, count), faults[between(random, 0, faults.length - 1)])
  const operations: Operation[] = []
  let failure = 0
  let after: { operations: Operation[]; tail: Tail } | undefined
  const losePower = (disk: FaultyDisk) => {
    after ??= { tail: disk.losePower(image), operations: operations.map(operation => ({ ...operation })) }
  }
  const disk: FaultyDisk = new FaultyDisk({
    random, forgetful: options.forgetful === true, ...(random() < 0.7 ? { writeBufferSize: 65_536 } : {}),
    onStep(write, step) {
      if (write === cut.write && step === cut.step) losePower(disk)
    },
    faultOf(write) {
      const fault = failing.get(write)
      if (fault !== undefined) failure += 1
      return fault
    },
  })
  const store = await openEmbeddedStore({ dataDir, clock, open: disk.open })
  const epoch = await store.own('depot').catch(() => 0)
  const settled: Promise<void>[] = []
  for (let n = first; n < first + count && after === undefined; n += 1) {
    const operation: Operation = { n, kind: draw(random), state: 'submitted', failure: 0 }
    operations.push(operation)
    const done = perform(store, epoch, operation, random).then(
      () => { operation.state = 'acknowledged' },
      (error: unknown) => {
        if (!(error instanceof StoreUnavailable)) throw error
        operation.state = 'refused'
        operation.failure = failure
      },
    )
    settled.push(done)
    const pause = random()
    if (pause < 0.3) await done
    else if (pause < 0.5) await new Promise(resolve => setTimeout(resolve, between(random, 0, 2)))
    while (operation.state === 'refused' && !(await isBack(store))) await new Promise(resolve => setTimeout(resolve, 5))
  }
  if (random() < 0.5) await Promise.all(settled)
  losePower(disk)
  await Promise.all(settled)
  await store.close()
  return { operations: after?.operations ?? [], failedWrites: failure, tail: after?.tail ?? { kept: 0, lost: 0, lostBefore: 0 } }
}

function draw(random: Random): Operation['kind'] {
  const drawn = random()
  return drawn < 0.45 ? 'commit' : drawn < 0.55 ? 'claim' : drawn < 0.65 ? 'lasting' : 'append'
}

async function perform(store: Store, epoch: number, { n, kind }: Operation, random: Random): Promise<void> {
  const value = 'x'.repeat(between(random, 0, random() < 0.2 ? largestValue : 300))
  if (kind === 'commit') return store.commit('depot', epoch, { puts: new Map([[`${n}`, value], [`twin-${n}`, value]]) })
  if (kind === 'append' || kind === 'lasting') return store.append('depot', kind, [{ atMs: n, value }, { atMs: n, value: 'twin' }], { durable: kind === 'lasting' })
  await store.claim('ids', `${n}`, 'depot')
}

async function isBack(store: Store): Promise<boolean> {
  return store.check().then(() => true, () => false)
}

/** The numbers of all that is found, in a store that need not be told of any fault. */
async function lookInto(dataDir: string): Promise<Map<number, Operation['kind'] | 'half'>> {
  const store = await openEmbeddedStore({ dataDir, clock })
  try {
    const there = new Map<number, Operation['kind'] | 'half'>()
    const state = await store.read('depot')
    for (const key of state.keys()) {
      const n = Number(key.replace('twin-', ''))
      there.set(n, state.has(`${n}`) && state.has(`twin-${n}`) ? 'commit' : 'half')
    }
    for (const key of (await store.claims('ids')).keys()) there.set(Number(key), 'claim')
    for (const kind of ['append', 'lasting'] as const) {
      const entries = new Map<number, number>()
      for (const { atMs } of await store.range('depot', kind, 0, Infinity, Infinity)) entries.set(atMs, (entries.get(atMs) ?? 0) + 1)
      for (const [n, times] of entries) there.set(n, times === 2 ? kind : 'half')
    }
    return there
  } finally {
    await store.close()
  }
}

/**
 * `kept` was found after an earlier power cut, so it is durable; of `operations` an unbroken beginning is there, with all that was acknowledged
 * as durable. Where something was lost of a log behind which another was begun, plain appends may be missing in the middle.
 */
function judge({ kept, operations, there, mayLackAppends }: {
  readonly kept: readonly Operation[]; readonly operations: readonly Operation[]; readonly there: ReadonlyMap<number, Operation['kind'] | 'half'>; readonly mayLackAppends: boolean
}): string[] {
  const wrong: string[] = []
  const known = new Map([...kept, ...operations].map(({ n, kind }) => [n, kind]))
  for (const [n, kind] of there) if (known.get(n) !== kind) wrong.push(`${n} is there as ${kind}, not as ${known.get(n) ?? 'nothing'}`)
  for (const { n } of kept) if (!there.has(n)) wrong.push(`${n} was there before and is gone`)
  for (const { n, kind, state } of operations) if (state === 'acknowledged' && kind !== 'append' && !there.has(n)) wrong.push(`${n} was acknowledged and is gone`)
  // What was refused may have landed: of one failure an unbroken beginning.
  const written = operations.filter(({ n, kind, state }) => (state !== 'refused' && !(mayLackAppends && kind === 'append')) || there.has(n))
  const hole = written.findIndex(({ n }) => !there.has(n))
  const behind = hole === -1 ? undefined : written.slice(hole).find(({ n }) => there.has(n))
  if (behind !== undefined) wrong.push(`${written[hole]?.n ?? ''} is missing, and ${behind.n} behind it is there`)
  for (const failure of new Set(operations.map(one => one.failure))) {
    const refused = operations.filter(one => one.state === 'refused' && one.failure === failure).map(({ n }) => there.has(n))
    if (refused.lastIndexOf(true) > refused.indexOf(false) && refused.includes(false)) wrong.push(`of what the failed write ${failure} refused a part in the middle is there`)
  }
  return wrong
}
