// Which profiles speak for a connector, in the order in which they are asked, and what comes of it in the unit asked for.
import type { ChargingProfile } from '../protocol/messages/index.ts'
import { Spell } from './spell.ts'
import { runningAt, type Ground, type Installed, type Stack } from './stack.ts'

/** Of each the first that is not silent rules: TxProfiles, then the connector's own TxDefaultProfiles, then those of connector 0, the highest stack level first. */
export interface Lanes {
  readonly connectors: readonly (readonly Spell[])[]
  /** The ChargePointMaxProfiles. */
  readonly whole: readonly Spell[]
}

/** `limit` in the asked unit, not yet rounded; null = nothing limits. */
export interface Verdict { readonly limit: number | null; readonly spell: Spell | null; readonly numberPhases: number | undefined }

/**
 * The lanes of one connector, or of all for connector 0. Where no transaction runs, a schedule that counts from its start counts from `askedMs`,
 * as for one that begins then; null = from whatever instant is looked at.
 */
export function lanesOf(stack: Stack, ground: Ground, connectorId: number, askedMs: number | null): Lanes {
  const asked = connectorId === 0 ? ground.connectors : [connectorId]
  return {
    connectors: asked.map((id) => {
      const anchorMs = runningAt(ground, id)?.startedAtMs ?? askedMs
      return inOrder(stack, (entry) => rankOf(entry, ground, id)).map((entry) => new Spell(entry, anchorMs))
    }),
    whole: inOrder(stack, ({ profile }) => (profile.chargingProfilePurpose === 'ChargePointMaxProfile' ? 0 : null)).map((entry) => new Spell(entry, entry.installedAtMs)),
  }
}

/** 0 = asked first; null = it has no say on this connector. */
export function rankOf({ connectorId: at, profile }: Installed, ground: Ground, connectorId: number): number | null {
  if (profile.chargingProfilePurpose === 'TxDefaultProfile') return at === connectorId ? 1 : at === 0 ? 2 : null
  if (profile.chargingProfilePurpose !== 'TxProfile' || at !== connectorId) return null
  const running = runningAt(ground, connectorId)
  return running !== undefined && (profile.transactionId === undefined || profile.transactionId === running.transactionId) ? 0 : null
}

/** Moves every profile to `atMs`, and says until when none of them changes. */
export function seekAll(lanes: Lanes, atMs: number): number {
  let untilMs = Infinity
  for (const lane of [...lanes.connectors, lanes.whole]) {
    for (const spell of lane) {
      if (spell.untilMs <= atMs) spell.seek(atMs)
      if (spell.untilMs < untilMs) untilMs = spell.untilMs
    }
  }
  return untilMs
}

/** What holds where the profiles were moved to: the sum over the connectors, never above the ChargePointMaxProfile. */
export function verdictOf(lanes: Lanes, ground: Ground, unit: 'A' | 'W'): Verdict {
  const own = lanes.connectors.length === 1 && lanes.connectors[0] !== undefined ? saidBy(lanes.connectors[0], ground, unit) : sumOf(lanes, ground, unit)
  const whole = saidBy(lanes.whole, ground, unit)
  if (whole.limit === null) return own
  return own.limit !== null && own.limit <= whole.limit ? own : whole
}

/** The first of the lane that is not silent. */
export function saidBy(lane: readonly Spell[], ground: Ground, unit: 'A' | 'W'): Verdict {
  const spell = lane.find(({ period }) => period >= 0)
  const period = spell?.entry.profile.chargingSchedule.chargingSchedulePeriod[spell.period]
  if (spell === undefined || period === undefined) return { limit: null, spell: null, numberPhases: undefined }
  return { limit: inUnit(period, spell.entry.profile.chargingSchedule.chargingRateUnit, unit, ground), spell, numberPhases: period.numberPhases }
}

/** OCPP limits carry one decimal; always down. */
export function tenths(limit: number | null): number | null {
  return limit === null ? null : Math.floor(limit * 10 + 1e-6) / 10
}

function sumOf(lanes: Lanes, ground: Ground, unit: 'A' | 'W'): Verdict {
  let limit = 0
  let numberPhases: number | undefined
  for (const lane of lanes.connectors) {
    const said = saidBy(lane, ground, unit)
    if (said.limit === null) return said
    limit += said.limit
    if (said.numberPhases !== undefined) numberPhases = Math.max(numberPhases ?? 0, said.numberPhases)
  }
  return { limit: lanes.connectors.length === 0 ? null : limit, spell: null, numberPhases }
}

/** W are all phases together, A are per phase; each period goes by its own numberPhases (facts, section 5). */
function inUnit({ limit, numberPhases }: ChargingProfile['chargingSchedule']['chargingSchedulePeriod'][number], from: 'A' | 'W', to: 'A' | 'W', ground: Ground): number {
  const voltage = ground.voltage * (numberPhases ?? ground.phases)
  return from === to ? limit : from === 'A' ? limit * voltage : limit / voltage
}

function inOrder(stack: Stack, rank: (entry: Installed) => number | null): Installed[] {
  return stack.flatMap((entry, index) => {
    const first = rank(entry)
    return first === null ? [] : [{ entry, first, index }]
    // Two of one level can only be there where we do not know which of them stands: the later one is taken.
  }).sort((a, b) => a.first - b.first || b.entry.profile.stackLevel - a.entry.profile.stackLevel || b.index - a.index).map(({ entry }) => entry)
}
