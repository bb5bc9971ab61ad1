// The power of a site: a bar for each phase with its ticks, what they mean, and the buttons that change the limit.
import { useSignal } from '@preact/signals'
import { may } from '../../data/session.ts'
import { nowMs } from '../../data/now.ts'
import { unit } from '../../data/taste.ts'
import { clock, kilowatts, limitAmps, limitKilowatts, limitPower, phasePower } from '../../data/words.ts'
import { barFullA, PowerBar, type BarMark } from '../../parts/power-bar.tsx'
import { UnitChoice } from '../../parts/unit-choice.tsx'
import type { LimitAim } from './limit-wish.ts'
import type { OverviewView } from './overview.ts'

const phases = ['L1', 'L2', 'L3'] as const

export function PowerSection({ overview: { site, power, nextLimit }, onAim }: { overview: OverviewView; onAim: (aim: LimitAim) => void }) {
  const open = useSignal(false)
  const root = power.circuits.find(({ parent }) => parent === null)
  if (root === undefined) return null
  const written = (valueA: number): string => phasePower(valueA, unit.value, site.voltage)
  const limit = (valueA: number): string => limitPower(valueA, unit.value, site.voltage)
  const marksOf = (phase: (typeof phases)[number]): BarMark[] => [
    { atA: site.fuseA[phase], kind: 'fuse', label: `fuse ${limit(site.fuseA[phase])}` },
    ...(nextLimit === null ? [] : [{ atA: nextLimit.currentA, kind: 'next' as const, label: `from ${clock(nextLimit.at, nowMs.value, site.timezone)} ${limit(nextLimit.currentA)}` }]),
    { atA: root.limitA[phase], kind: 'limit', label: `limit ${limit(root.limitA[phase])}` },
  ]
  // What the ledger has spoken for: the chargers' share, and what the building is counted with.
  const spokenA = (phase: (typeof phases)[number]): number => root.reservedA[phase] + Math.max(0, power.baseLoad.countedA[phase])
  const fullA = barFullA(phases.flatMap((phase) => [root.measuredA[phase], spokenA(phase), ...marksOf(phase).map(({ atA }) => atA)]))
  const usedW = phases.reduce((sum, phase) => sum + Math.max(0, root.measuredA[phase]) * site.voltage, 0)
  return (
    <section class="card" aria-labelledby="power">
      <div class="section-head">
        <h2 id="power">Power</h2>
        <div class="line middle"><p class="soft">{root.measured === 'none' ? 'not measured' : `${root.measured === 'part' ? 'at least ' : ''}${kilowatts(usedW)} measured`} · limit {unit.value === 'A' ? `${limit(power.effective.currentA)} per phase (${limitKilowatts(power.effective.powerW)})` : `${limitKilowatts(power.effective.powerW)} (${limitAmps(power.effective.currentA)} per phase)`}</p><UnitChoice /></div>
      </div>
      {phases.map((phase) => <PowerBar key={phase} name={phase} measuredA={root.measuredA[phase]} measured={root.measured} reservedA={spokenA(phase)} limitA={root.limitA[phase]} marks={marksOf(phase)} fullA={fullA} written={written} writtenLimit={limit} />)}
      <p class="legend"><span><i class="key measured" /> measured</span><span><i class="key reserved" /> reserved, not used</span><span><i class="key limit" /> limit</span>{nextLimit !== null && <span><i class="key next" /> next limit</span>}<span><i class="key fuse" /> fuse</span></p>
      {power.baseLoad.status !== 'never' && <p class="soft">Counted for the building {power.baseLoad.status === 'stale' ? '(its worst case, as the site meter is silent)' : '(by the site meter; less counts only once it has lasted)'}: {phases.map((phase) => `${phase} ${written(power.baseLoad.countedA[phase])}`).join(', ')}.</p>}
      {may('limits:write') && (
        <div class="line">
          <button type="button" class="main" onClick={() => onAim({ kind: 'limit' })}>Change limit …</button>
          <button type="button" onClick={() => { open.value = !open.value }} aria-expanded={open.value}>Curtail …</button>
          {open.value && [20, 40, 60].map((percent) => <button key={percent} type="button" onClick={() => onAim({ kind: 'curtail', percent })}>to {percent} %</button>)}
        </div>
      )}
    </section>
  )
}
