// Random sites, cars and misfortunes: nothing may ever break the promise, and honest sites come to rest where the plan says.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { grantSlot, newest } from '../../src/power/ledger.ts'
import { plan } from '../../src/power/plan.ts'
import { buildTree } from '../../src/power/tree.ts'
import { worthA } from '../../src/power/watts.ts'
import type { Play } from './harness.ts'
import { faultsOf, plainPlan } from './invariants.ts'
import { honestStories, playStory, stories, type Story } from './worlds.ts'

// RUNS=5000 for a long soak.
const runs = Number(process.env.RUNS ?? 120)
const longestMs = process.env.RUNS === undefined ? 8_000 : 3_600_000
const timeout = process.env.RUNS === undefined ? 20_000 : 3_600_000

test('I1, I2, I3: no plan raises above a limit, relies on an unsettled lowering, or grants between 0 and the minimum; and what chargers truly hold fits', { timeout }, () => {
  fc.assert(fc.property(stories, (story) => {
    const faults: string[] = []
    const play = playStory(story, (one, made) => faults.push(...faultsOf(one, made)))
    play.until(play.nowMs + 60_000)
    expect(faults.slice(0, 3)).toEqual([])
    expect(play.witness.breaches.slice(0, 3)).toEqual([])
  }), { numRuns: runs, interruptAfterTimeLimit: longestMs })
})

test('liveness: three minutes after the last change honest chargers hold what the plan says and nothing is outstanding', { timeout }, () => {
  fc.assert(fc.property(honestStories, (story) => {
    const play = playStory(story)
    play.until(play.nowMs + 180_000)
    expect(unrestOf(play)).toEqual([])
  }), { numRuns: runs, interruptAfterTimeLimit: longestMs })
})

test('I7: the order in which connectors and circuits are listed changes nothing', { timeout }, () => {
  fc.assert(fc.property(stories, fc.infiniteStream(fc.nat()), (story, chance) => {
    const shuffled = <T>(list: readonly T[]): T[] => list.map((one) => ({ one, at: chance.next().value ?? 0 })).sort((a, b) => a.at - b.at).map(({ one }) => one)
    const other = buildTree({ ...story.layout.site, circuits: shuffled(story.layout.site.circuits) }, shuffled(story.layout.chargePoints))
    let seen = 0
    playStory({ ...story, happenings: story.happenings.slice(0, 8) }, (play, made) => {
      if (seen++ % 7 !== 0) return
      const places = shuffled(play.places()).map((place) => ({ ...place, outlet: other.outlets.get(place.outlet.key)! }))
      expect(plainPlan(plan({ tree: other, grid: play.grid, baseA: play.baseA, places }, play.nowMs))).toEqual(plainPlan(made))
    })
  }), { numRuns: runs, interruptAfterTimeLimit: longestMs })
})

function unrestOf(play: Play): string[] {
  const found: string[] = []
  const made = play.plan!
  for (const [key, target] of made.targets) {
    const { row, outlet } = target.place
    if (outlet.control === 'none') continue
    if (row.settling !== null && play.nowMs < row.settling.quietSinceMs + 10_000) found.push(`${key} is settling`)
    if (row.default.inFlight.length + row.tx.inFlight.length > 0) found.push(`${key} has something in flight`)
    if (row.lowering !== null) found.push(`${key} has a lowering outstanding`)
    const grants = grantSlot(row) === 'default' && (target.tied ?? [key]).some((one) => play.rows.get(one)!.transactionId !== null)
    if (!grants && row.default.confirmed?.limitA !== target.defaultA && !made.over.some(({ constraint }) => outlet.path.includes(constraint.nodeID))) found.push(`${key} has the fallback ${row.default.confirmed?.limitA}, not ${target.fallbackA}`)
    // Nothing is raised while a node above is over its limit, and here only the base load can be the reason.
    if ((row.transactionId === null && !grants) || made.over.some(({ constraint }) => outlet.path.includes(constraint.nodeID))) continue
    const confirmed = row.tx.confirmed ?? row.default.confirmed
    const heldA = confirmed === null ? NaN : worthA(confirmed, row)
    const wantedA = grants ? target.defaultA : target.txA
    // Under a fallback that is reserved anyway a car needs no TxProfile; a raising by less than 1 A is not worth a message.
    const nearly = heldA > 0 && heldA < wantedA && wantedA - heldA < 1
    const isEnough = nearly || Math.abs(heldA - wantedA) < 1e-6 || (!grants && row.tx.confirmed === null && heldA > wantedA)
    if (!isEnough) found.push(`${key} holds ${heldA}, not ${wantedA} (newest ${newest(row[grantSlot(row)])?.limitA})`)
  }
  if (made.state === 'enforcing') found.push('still enforcing')
  return found
}

export type { Story }
