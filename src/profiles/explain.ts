// Why each charging profile rules at an instant or does not, in words a site manager understands.
import { lanesOf, rankOf, saidBy, seekAll, tenths, verdictOf, type Lanes } from './lanes.ts'
import { ruledBy, type RuledLimit } from './rule.ts'
import { prepare, Spell } from './spell.ts'
import { runningAt, type Ground, type Installed, type Stack } from './stack.ts'

export interface ExplainedProfile {
  readonly connectorId: number
  readonly chargingProfileId: number
  readonly purpose: Installed['profile']['chargingProfilePurpose']
  readonly stackLevel: number
  readonly rules: boolean
  /** What it says by itself at that instant, in the asked unit; null = nothing. */
  readonly limit: number | null
  readonly reason: string
}

/** What holds at `atMs` as `limitAt` says it, and a word on every profile that could have a say there: on the connector and on 0, or all for connector 0. */
export function explainAt(stack: Stack, ground: Ground, connectorId: number, unit: 'A' | 'W', atMs: number): { readonly ruled: RuledLimit; readonly profiles: readonly ExplainedProfile[] } {
  const lanes = lanesOf(stack, ground, connectorId, null)
  seekAll(lanes, atMs)
  const asked = connectorId === 0 ? ground.connectors : [connectorId]
  const profiles = stack.filter((entry) => connectorId === 0 || entry.connectorId === 0 || entry.connectorId === connectorId).map((entry) => {
    const { chargingProfileId, chargingProfilePurpose: purpose, stackLevel } = entry.profile
    const told = asked.map((id, index) => ({ id, ...(purpose === 'ChargePointMaxProfile' ? explainWhole(entry, lanes, ground, unit, atMs) : explainOne(entry, lanes, index, { ground, id, unit, atMs })) }))
      .filter(({ id }) => entry.connectorId === 0 || entry.connectorId === id)
    const ruling = told.filter(({ rules }) => rules)
    const first = ruling[0] ?? told[0] ?? { rules: false, limit: null, reason: `there is no connector ${entry.connectorId}` }
    const where = ruling.length > 0 && ruling.length < told.length && purpose === 'TxDefaultProfile' ? ` (connector ${ruling.map(({ id }) => id).join(', ')})` : ''
    return { connectorId: entry.connectorId, chargingProfileId, purpose, stackLevel, rules: first.rules, limit: first.limit, reason: `${first.reason}${where}` }
  })
  return { ruled: ruledBy(verdictOf(lanes, ground, unit)), profiles }
}

interface Told { readonly rules: boolean; readonly limit: number | null; readonly reason: string }
interface Asked { readonly ground: Ground; readonly id: number; readonly unit: 'A' | 'W'; readonly atMs: number }

function explainOne(entry: Installed, lanes: Lanes, index: number, { ground, id, unit, atMs }: Asked): Told {
  const running = runningAt(ground, id)
  if (rankOf(entry, ground, id) === null) {
    const { transactionId } = entry.profile
    const whose = transactionId === undefined ? 'it is for a transaction' : `belongs to transaction ${transactionId}`
    return { rules: false, limit: null, reason: running === undefined ? `${whose}, and none runs here` : `${whose}, which does not run here` }
  }
  const lane = lanes.connectors[index] ?? []
  const spell = lane.find((each) => each.entry === entry)
  if (spell === undefined || spell.period < 0) return { rules: false, limit: null, reason: silence(entry, running?.startedAtMs ?? null, atMs) }
  const limit = tenths(saidBy([spell], ground, unit).limit)
  const top = lane.find(({ period }) => period >= 0)
  if (top !== undefined && top !== spell) return { rules: false, limit, reason: outranked(entry, top.entry) }
  const ruling = verdictOf(lanes, ground, unit).spell
  if (ruling?.entry.profile.chargingProfilePurpose === 'ChargePointMaxProfile') {
    return { rules: false, limit, reason: `ChargePointMaxProfile ${ruling.entry.profile.chargingProfileId} allows less` }
  }
  return { rules: true, limit, reason: `rules: ${basis(entry, running?.transactionId)}` }
}

function explainWhole(entry: Installed, lanes: Lanes, ground: Ground, unit: 'A' | 'W', atMs: number): Told {
  const spell = lanes.whole.find((each) => each.entry === entry)
  if (spell === undefined || spell.period < 0) return { rules: false, limit: null, reason: silence(entry, entry.installedAtMs, atMs) }
  const limit = tenths(saidBy([spell], ground, unit).limit)
  const top = lanes.whole.find(({ period }) => period >= 0)
  if (top !== undefined && top !== spell) return { rules: false, limit, reason: outranked(entry, top.entry) }
  const verdict = verdictOf(lanes, ground, unit)
  if (verdict.spell === spell) return { rules: true, limit, reason: 'rules: the most that the charge point may draw' }
  const { spell: less } = verdict
  return { rules: false, limit, reason: less === null ? 'the connectors together are allowed no more than this anyway'
    : `${less.entry.profile.chargingProfilePurpose} ${less.entry.profile.chargingProfileId} allows no more than this anyway` }
}

function basis({ connectorId, profile: { chargingProfilePurpose: purpose, stackLevel } }: Installed, transactionId: number | undefined): string {
  if (purpose === 'TxProfile') return `for transaction ${transactionId}, stack level ${stackLevel}`
  const where = connectorId === 0 ? 'the default of every connector' : `the default of connector ${connectorId}`
  return transactionId === undefined ? `${where}, for the next transaction` : where
}

function outranked(entry: Installed, { connectorId, profile: top }: Installed): string {
  if (top.chargingProfilePurpose !== entry.profile.chargingProfilePurpose) return `${top.chargingProfilePurpose} ${top.chargingProfileId} rules: it is for this very transaction`
  if (connectorId !== entry.connectorId) return `${top.chargingProfilePurpose} ${top.chargingProfileId} rules: it is for connector ${connectorId} alone`
  return top.stackLevel === entry.profile.stackLevel ? `${top.chargingProfilePurpose} ${top.chargingProfileId} rules: it came later at the same stack level`
    : `a higher stack level rules: profile ${top.chargingProfileId} with ${top.stackLevel}`
}

/** Why it says nothing now. */
function silence(entry: Installed, anchorMs: number | null, atMs: number): string {
  const { fromMs, toMs, startMs, everyMs, lengthMs } = prepare(entry.profile)
  if (atMs < fromMs) return `not valid before ${written(fromMs)}`
  if (atMs >= toMs) return `not valid any more since ${written(toMs)}`
  const beginsMs = startMs ?? anchorMs
  if (beginsMs === null) return 'its schedule is empty'
  if (everyMs !== Infinity) {
    const spell = new Spell(entry, beginsMs)
    spell.seek(atMs)
    return `its schedule rests until ${written(spell.untilMs)}`
  }
  return atMs < beginsMs ? `its schedule begins at ${written(beginsMs)}` : `its schedule was over at ${written(beginsMs + lengthMs)}`
}

function written(ms: number): string {
  return new Date(ms).toISOString()
}
