// What a picture of a stack of profiles shows: for each of them when it is active and when it rules, and the limit they come to.
import { compositeSchedule } from '../profiles/composite.ts'
import { explainAt } from '../profiles/explain.ts'
import type { Ground, Installed } from '../profiles/stack.ts'
import type { Computed } from './composite-cases.ts'

/** Both ends in s from the start of the window. */
export interface Span { readonly fromS: number; readonly toS: number }
export interface Strip {
  readonly label: string
  readonly spans: readonly (Span & { readonly rules: boolean })[]
}
export interface Picture {
  readonly id: string
  readonly connectorId: number
  readonly unit: 'A' | 'W'
  readonly startMs: number
  readonly durationS: number
  /** As installed. */
  readonly strips: readonly Strip[]
  /** As `--json` says them: `limit` null = nothing limits there; `by` = who rules as it begins, null = nobody. */
  readonly steps: readonly (Span & { readonly limit: number | null; readonly numberPhases?: number; readonly by: string | null })[]
}

/** Beyond this a strip shows nothing more. */
const mostMoments = 600

export function nameOf({ connectorId, profile }: Installed): string {
  const where = profile.chargingProfilePurpose === 'ChargePointMaxProfile' ? '' : ` on ${connectorId}`
  return `${profile.chargingProfilePurpose} ${profile.chargingProfileId}, level ${profile.stackLevel}${where}`
}

/** Of a schedule that was Accepted. */
export function pictureOf({ answer, stack, ground: real }: Computed): Picture {
  const { id, connectorId, rateUnit: unit, durationS, periods } = answer
  const startMs = Date.parse(answer.scheduleStart)
  const ground = withTransactions(real, connectorId, startMs)
  const own = (entry: Installed) => compositeSchedule([entry], ground, { connectorId, durationS, unit, startMs }).periods
  const concerned = stack.filter((entry) => connectorId === 0 || entry.connectorId === 0 || entry.connectorId === connectorId)
  const moments = momentsOf([periods, ...concerned.map(own)].flatMap((each) => each.map(({ startPeriod }) => startPeriod)), durationS)
  const seen = moments.map((fromS, index) => ({ fromS, toS: moments[index + 1] ?? durationS, ...explainAt(concerned, ground, connectorId, unit, startMs + fromS * 1_000) }))
  return {
    id, connectorId, unit, startMs, durationS,
    strips: concerned.map((entry, index) => ({
      label: nameOf(entry),
      spans: joined(seen.flatMap(({ fromS, toS, profiles }) => {
        const told = profiles[index]
        return told === undefined || told.limit === null ? [] : [{ fromS, toS, rules: told.rules }]
      })),
    })),
    steps: periods.map(({ startPeriod: fromS, limit, numberPhases, source }, index) => ({
      fromS, toS: periods[index + 1]?.startPeriod ?? durationS, limit, ...(numberPhases === undefined ? {} : { numberPhases }),
      by: source === undefined ? null : `${source.purpose} ${source.chargingProfileId}, stack level ${source.stackLevel}`,
    })),
  }
}

/** The composite is shown for a car that comes at its start where none charges: seen from any later instant it came then too. */
function withTransactions(ground: Ground, connectorId: number, startMs: number): Ground {
  const empty = ground.connectors.filter((id) => (connectorId === 0 || id === connectorId) && !ground.transactions.some((one) => one.connectorId === id))
  return { ...ground, transactions: [...ground.transactions, ...empty.map((id) => ({ connectorId: id, transactionId: -id, startedAtMs: startMs }))] }
}

/** All of them, or as many at equal distance. */
function momentsOf(all: readonly number[], durationS: number): readonly number[] {
  const moments = [...new Set([0, ...all])].sort((a, b) => a - b)
  return moments.length <= mostMoments ? moments : Array.from({ length: Math.min(mostMoments, durationS) }, (_, index) => Math.floor((index * durationS) / Math.min(mostMoments, durationS)))
}

function joined(spans: Strip['spans']): Strip['spans'] {
  const out: (Strip['spans'][number])[] = []
  for (const span of spans) {
    const last = out.at(-1)
    if (last !== undefined && last.toS === span.fromS && last.rules === span.rules) out[out.length - 1] = { ...last, toS: span.toS }
    else out.push(span)
  }
  return out
}
