// Energy of a session from a register that may jump, roll over or be exchanged: counted in plausible, rising steps.
import { z } from 'zod'

export const registerSchema = z.object({
  /** The newest reading of the meter. */
  lastWh: z.number(),
  lastAtMs: z.number(),
  /** What has been counted since the start; never falls. */
  energyWh: z.number(),
  /** Steps that were backwards or larger than the hardware can deliver; none of them was counted. */
  anomalies: z.int(),
})
export type Register = Readonly<z.infer<typeof registerSchema>>

const slackWh = 100

export function openRegister(meterStartWh: number, atMs: number): Register {
  return { lastWh: meterStartWh, lastAtMs: atMs, energyWh: 0, anomalies: 0 }
}

/** Could `deltaWh` have flowed in `durationMs` through hardware of `maxPowerW`? With 20 % and a little slack. */
export function plausible(deltaWh: number, durationMs: number, maxPowerW: number): boolean {
  return deltaWh >= 0 && deltaWh <= (maxPowerW * Math.max(durationMs, 0) * 1.2) / 3_600_000 + slackWh
}

/** Takes in one reading; one that is older than the newest changes nothing. */
export function advance(register: Register, readingWh: number, atMs: number, maxPowerW: number): Register {
  if (atMs < register.lastAtMs) return register
  const deltaWh = readingWh - register.lastWh
  const counted = plausible(deltaWh, atMs - register.lastAtMs, maxPowerW)
  return {
    lastWh: readingWh,
    lastAtMs: atMs,
    energyWh: counted ? register.energyWh + deltaWh : register.energyWh,
    anomalies: register.anomalies + (counted ? 0 : 1),
  }
}

/** The final count: the difference of the meter's own start and stop where that makes sense, else the steps. */
export function settle(register: Register, meter: { startWh: number; stopWh: number; durationMs: number }, maxPowerW: number): Register {
  const wholeWh = meter.stopWh - meter.startWh
  const fits = plausible(wholeWh, meter.durationMs, maxPowerW)
  const energyWh = wholeWh < 0 || (register.anomalies > 0 && !fits) ? register.energyWh : Math.max(wholeWh, register.energyWh)
  return { ...register, lastWh: meter.stopWh, energyWh, anomalies: register.anomalies + (fits ? 0 : 1) }
}
