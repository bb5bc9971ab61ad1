// What a stack of charging profiles allows, worked out second by second straight from the text of OCPP 1.6; shares only types with what it judges.
import type { Ground, Installed, Stack } from '../../src/profiles/stack.ts'
import type { ChargingProfile } from '../../src/protocol/messages/index.ts'

type Period = ChargingProfile['chargingSchedule']['chargingSchedulePeriod'][number]

/** Limit at `atMs` when asked at `askedMs`, one decimal, rounded down; null = nothing limits. */
export function slowLimit(stack: Stack, ground: Ground, connectorId: number, unit: 'A' | 'W', atMs: number, askedMs: number): number | null {
  const ids = connectorId === 0 ? ground.connectors : [connectorId]
  const each = ids.map((id) => ofConnector(stack, ground, id, unit, atMs, askedMs))
  const together = each.length === 0 || each.includes(null) ? null : each.reduce<number>((sum, amps) => sum + (amps ?? 0), 0)
  const cap = highest(stack, (entry) => entry.profile.chargingProfilePurpose === 'ChargePointMaxProfile', (entry) => entry.installedAtMs, ground, unit, atMs)
  const least = together === null ? cap : cap === null ? together : Math.min(together, cap)
  return least === null ? null : Math.floor(least * 10 + 0.000_001) / 10
}

/** One value per second of the window. */
export function slowSchedule(stack: Stack, ground: Ground, asked: { connectorId: number; durationS: number; unit: 'A' | 'W'; startMs: number }): (number | null)[] {
  return Array.from({ length: asked.durationS }, (_, second) => slowLimit(stack, ground, asked.connectorId, asked.unit, asked.startMs + second * 1_000, asked.startMs))
}

function ofConnector(stack: Stack, ground: Ground, id: number, unit: 'A' | 'W', atMs: number, askedMs: number): number | null {
  const transaction = ground.transactions.find((running) => running.connectorId === id)
  const anchor = () => (transaction === undefined ? askedMs : transaction.startedAtMs)
  const tx = highest(stack, ({ connectorId, profile }) => profile.chargingProfilePurpose === 'TxProfile' && connectorId === id && transaction !== undefined
    && profile.transactionId === transaction.transactionId, anchor, ground, unit, atMs)
  if (tx !== null) return tx
  const own = highest(stack, ({ connectorId, profile }) => profile.chargingProfilePurpose === 'TxDefaultProfile' && connectorId === id, anchor, ground, unit, atMs)
  return own ?? highest(stack, ({ connectorId, profile }) => profile.chargingProfilePurpose === 'TxDefaultProfile' && connectorId === 0, anchor, ground, unit, atMs)
}

/** Of those that are meant, the one with the highest stack level among those that say something. */
function highest(stack: Stack, meant: (entry: Installed) => boolean, anchor: (entry: Installed) => number, ground: Ground, unit: 'A' | 'W', atMs: number): number | null {
  let found: { level: number; limit: number } | null = null
  for (const entry of stack) {
    if (!meant(entry)) continue
    const period = periodAt(entry.profile, anchor(entry), atMs)
    if (period === null || (found !== null && entry.profile.stackLevel < found.level)) continue
    const perAmp = ground.voltage * (period.numberPhases ?? ground.phases)
    const own = entry.profile.chargingSchedule.chargingRateUnit
    found = { level: entry.profile.stackLevel, limit: own === unit ? period.limit : unit === 'W' ? period.limit * perAmp : period.limit / perAmp }
  }
  return found?.limit ?? null
}

function periodAt(profile: ChargingProfile, anchorMs: number, atMs: number): Period | null {
  if (profile.validFrom !== undefined && atMs < Date.parse(profile.validFrom)) return null
  if (profile.validTo !== undefined && atMs >= Date.parse(profile.validTo)) return null
  const { startSchedule, duration, chargingSchedulePeriod } = profile.chargingSchedule
  let seconds = (atMs - (profile.chargingProfileKind === 'Relative' || startSchedule === undefined ? anchorMs : Date.parse(startSchedule))) / 1_000
  if (profile.chargingProfileKind === 'Recurring') {
    const every = profile.recurrencyKind === 'Daily' ? 86_400 : 604_800
    seconds -= Math.floor(seconds / every) * every
  }
  if (seconds < 0 || (duration !== undefined && seconds >= duration)) return null
  return chargingSchedulePeriod.filter(({ startPeriod }) => startPeriod <= seconds).at(-1) ?? null
}
