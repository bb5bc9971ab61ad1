// What the sampled values of one instant say of the register, in whole mWh.
import type { Rules } from './rules.ts'

export interface Sampled {
  readonly value: string; readonly measurand?: string; readonly unit?: string; readonly phase?: string; readonly location?: string; readonly format?: string
}

const most = 10n ** 18n

/** Null = there is no reading among them. */
export function readRegister(sampled: readonly Sampled[], rules: Rules): bigint | null {
  const byPhase = new Map<string, bigint>()
  for (const one of sampled) {
    if ((one.measurand ?? 'Energy.Active.Import.Register') !== 'Energy.Active.Import.Register') continue
    if ((one.location ?? 'Outlet') !== 'Outlet' || one.format === 'SignedData') continue
    const unit = one.unit ?? 'Wh'
    if (unit !== 'Wh' && unit !== 'kWh') continue
    const mWh = readThousandths(one.value, unit === 'kWh' ? rules.kilo : 1n)
    if (mWh === null || mWh < 0n || mWh > most) continue
    const phase = (one.phase ?? '').replace('-N', '')
    const before = byPhase.get(phase)
    if (before === undefined || mWh > before) byPhase.set(phase, mWh)
  }
  const whole = byPhase.get('')
  if (whole !== undefined) return whole
  const phases = ['L1', 'L2', 'L3'].flatMap((phase) => byPhase.get(phase) ?? [])
  if (phases.length === 0) return null
  return rules.sumsPhases ? phases.reduce((sum, one) => sum + one, 0n) : phases[0]!
}

/** `12.3456` times `factor` in thousandths, rounded half up; null for what is no plain decimal number. */
function readThousandths(text: string, factor: bigint): bigint | null {
  const parts = /^([+-]?)(\d{1,20})(?:\.(\d{1,20}))?$/.exec(text)
  if (parts === null) return null
  const fraction = parts[3] ?? ''
  const scale = 10n ** BigInt(fraction.length)
  const scaled = BigInt(parts[2]! + fraction) * factor * 1000n
  const rounded = (2n * scaled + scale) / (2n * scale)
  return parts[1] === '-' ? -rounded : rounded
}
