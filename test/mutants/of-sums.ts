// Broken rules of limits, phases, minimums, steps and the base load, each named by a file of its own: what that must notice.
import type { ScenarioMutant } from './of-scenarios.ts'

export const sumMutants: readonly ScenarioMutant[] = [
  {
    id: 'dimming-counts-who-does-not-listen', breaks: 'what nobody steers is taken out of what dimming guarantees',
    file: 'actors/limit-desk.js', find: 'baseW + unsteeredW', replace: 'baseW',
    fails: ['limits-dimming-leaves-what-is-guaranteed.yaml'],
  },
  {
    id: 'rests-go-by-queue', breaks: 'steps that are left over go to the first in the queue',
    file: 'power/allocate.js', find: 'b.rest - a.rest', replace: '0',
    fails: ['quantise-by-largest-remainder.yaml'],
  },
  {
    id: 'whole-amps-only', breaks: 'shares are cut to whole amps whatever the step',
    file: 'power/handing-out.js', find: 'floorTo(exact, member.stepA)', replace: 'floorTo(exact, 1)',
    fails: ['quantise-in-tenths.yaml'],
  },
  {
    id: 'ties-go-by-name', breaks: 'who is equal is ordered by name',
    file: 'power/member.js', find: '(a.queue ?? a.rank) - (b.queue ?? b.rank) ||', replace: '',
    fails: ['quantise-ties-by-queue.yaml'],
  },
  {
    id: 'everybody-needs-six', breaks: 'the minimum of a connector is always 6 A',
    file: 'power/tree.js', find: 'minA: connector.minA', replace: 'minA: 6',
    fails: ['i3-some-cars-need-eight.yaml'],
  },
  {
    id: 'no-meter-no-building', breaks: 'a site without a meter has no base load',
    file: 'power/base.js', find: 'if (baseStatus(state, settings, nowMs) !== \'fresh\')', replace: 'if (baseStatus(state, settings, nowMs) === \'stale\')',
    fails: ['i4-a-site-without-a-meter.yaml'],
  },
  {
    id: 'others-are-ours', breaks: 'what we do not control counts as nothing',
    file: 'power/loads.js', find: 'return { anyCarA: place.outlet.maxA, thisCarA: place.outlet.maxA }', replace: 'return { anyCarA: 0, thisCarA: 0 }',
    fails: ['i4-not-under-control.yaml'],
  },
  {
    id: 'export-is-always-credited', breaks: 'export is shared among the cars without being asked for',
    file: 'power/base.js', find: 'settings.creditExport ? highest : Math.max(0, highest)', replace: 'highest',
    fails: ['base-export-counts-nothing.yaml'],
  },
  {
    id: 'export-is-never-credited', breaks: 'export counts as 0 although it should be credited',
    file: 'power/base.js', find: 'settings.creditExport ? highest : Math.max(0, highest)', replace: 'Math.max(0, highest)',
    fails: ['base-export-is-credited.yaml'],
  },
  {
    id: 'a-fall-need-not-hold', breaks: 'a base load that falls counts after 10 s',
    file: 'actors/readings.js', find: 'holdMs: Math.max(30_000, recentMs(sampleIntervalMs) + 10_000)', replace: 'holdMs: 10_000',
    fails: ['base-falls-slowly.yaml'],
  },
  {
    id: 'rises-count-nothing', breaks: 'a reading above what is counted of the building does not count at once',
    file: 'power/base.js', find: 'rise >= 0 ? meterA[phase] - drawn :', replace: 'rise >= 0 ? counted[phase] :',
    fails: ['base-rises-at-once.yaml'],
  },
  {
    id: 'no-rise-waits', breaks: 'a rise that a car could be counts as the building at once',
    file: 'power/base.js', find: 'const waits = rises && ramping && nowMs < untilMs', replace: 'const waits = false',
    fails: ['base-a-rise-waits-for-a-sample.yaml'],
  },
  {
    id: 'economic-is-for-all', breaks: 'cars of class 1 have no right to a minimum under a demand window',
    file: 'power/member.js', find: 'owed && isOwed(member)', replace: 'owed && member.priority >= 2',
    fails: ['demand-window-class-one-keeps-its-minimum.yaml'],
  },
  {
    id: 'the-window-is-the-target', breaks: 'what was not drawn so far does not change what a demand window allows',
    file: 'power/demand-window.js', find: '(targetW * windowMs - energyAt(state, settings, nowMs) * 1000) / leftMs', replace: 'targetW',
    fails: ['demand-window-what-was-not-drawn-comes-later.yaml'],
  },
  {
    id: 'clocks-show-utc', breaks: 'a weekly block holds by UTC',
    file: 'power/local-time.js', find: ' - whole;', replace: ' * 0;',
    fails: ['limits-a-weekly-schedule-by-local-time.yaml'],
  },
  {
    id: 'the-highest-limit-wins', breaks: 'of several limits the highest is kept',
    file: 'power/limits.js', find: 'constraint.capacity < other.capacity', replace: 'constraint.capacity > other.capacity',
    fails: ['limits-the-lowest-of-two-wins.yaml'],
  },
  {
    id: 'no-limit-lapses', breaks: 'a limit with a time to live holds for ever',
    file: 'power/limits.js', find: 'nowMs >= limit.expiresAtMs', replace: 'nowMs >= Infinity',
    fails: ['limits-a-grid-limit-lapses-into-the-failsafe.yaml'],
  },
  {
    id: 'watts-are-cut-into-thirds', breaks: 'every car loads a power limit on three phases',
    file: 'power/loads.js', find: 'ground.tree.site.voltage * used.length', replace: 'ground.tree.site.voltage * 3',
    fails: ['limits-watts-are-a-sum-over-phases.yaml'],
  },
  {
    id: 'circuits-have-no-watts', breaks: 'the power limit of a circuit is not kept',
    file: 'power/tree.js', find: 'circuit.limitW ?? null', replace: 'null',
    fails: ['limits-watts-of-a-circuit.yaml'],
  },
  {
    id: 'watts-are-missing-as-amps', breaks: 'missing watts are shown as amps',
    file: 'power/plan.js', find: 'amount / (3 * tree.site.voltage)', replace: 'amount',
    fails: ['limits-watts-that-are-missing.yaml'],
  },
  {
    id: 'circuits-may-tilt', breaks: 'the imbalance limit of a circuit is not kept',
    file: 'power/limits.js', find: 'typeof node.imbalanceLimitA === \'number\'', replace: 'false',
    fails: ['imbalance-of-a-circuit.yaml'],
  },
  {
    id: 'less-than-the-minimum-is-enough', breaks: 'a cap below the minimum is given',
    file: 'power/admission.js', find: 'member.capA < member.minA - tiny', replace: 'false',
    fails: ['share-a-maximum-below-the-minimum.yaml'],
  },
  {
    id: 'cables-carry-anything', breaks: 'the maximum of a connector does not cap its car',
    file: 'power/participant.js', find: 'floorTo(Math.min(outlet.maxA, vehicle', replace: 'floorTo(Math.min(Infinity, vehicle',
    fails: ['share-hardware-and-cable.yaml'],
  },
  {
    id: 'weights-always-count', breaks: 'equal shares like weighted',
    file: 'power/allocate.js', find: 'fillEvenly(group, division, policy === \'weighted\')', replace: 'fillEvenly(group, division, true)',
    fails: ['share-weights-count-only-where-weighted.yaml'],
  },
  {
    id: 'two-phases-are-one', breaks: 'a car on two phases counts on the first only',
    file: 'power/loads.js', find: 'Math.max(1, vehiclePhases)', replace: '1',
    fails: ['phases-the-first-two.yaml'],
  },
  {
    id: 'circuits-know-the-site-only', breaks: 'a circuit halfway up does not count what is below it',
    file: 'power/tree.js', find: 'path: [circuit.id, ...parent.path]', replace: 'path: [circuit.id, parent.path.at(-1)]',
    fails: ['tree-of-three-levels.yaml'],
  },
]
