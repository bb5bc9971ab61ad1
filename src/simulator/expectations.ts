// Judges what a scenario expects against what happened: one verdict for each entry of the file.
import type { ConnectorPowerView, PowerView } from '../actors/views.ts'
import type { RunRecord } from './record.ts'
import type { Expectation } from './scenario-schema.ts'
import type { Witness } from './witness.ts'

export interface Verdict {
  readonly ok: boolean
  readonly at?: number
  readonly during?: readonly [number, number]
  readonly by?: number
  /** The entry without its time. */
  readonly expected: Readonly<Record<string, unknown>>
  /** The same keys, as they were. */
  readonly got: Readonly<Record<string, unknown>>
  /** One sentence for a person. */
  readonly message: string
}

export interface Evidence {
  readonly record: RunRecord
  readonly witness: Witness
  /** Null when no kwota is running. */
  readonly power: () => PowerView | null
  /** Wh delivered to a connector since the scenario began. */
  readonly deliveredWh: (key: string) => number
}

type Finding = { readonly ok: boolean; readonly got: unknown; readonly problem: string }

const amountNames = ['allocatedA', 'confirmedA', 'reservedA', 'measuredA'] as const
const tolerances = { allocatedA: 0.01, confirmedA: 0.01, reservedA: 0.01, measuredA: 0.1 }
const roundingError = 1e-9

/** When an entry can be judged, in seconds; null = at the end. */
export function dueAtS(entry: Expectation): number | null {
  return entry.at ?? entry.during?.[1] ?? entry.by ?? null
}

/** The verdict on one entry, with the world as it is now. */
export function judgeExpectation(entry: Expectation, evidence: Evidence): Verdict {
  const findings = new Map<string, Finding>()
  const view = evidence.power()
  const rows = new Map((view?.connectors ?? []).map((row) => [`${row.clientID}/${row.connectorId}`, row]))
  for (const name of amountNames) if (entry[name] !== undefined) findings.set(name, judgeAmounts(name, entry[name], rows))
  if (entry.binding !== undefined) findings.set('binding', judgeEach(entry.binding, (key, kind) => {
    const binding = rows.get(key)?.binding ?? 'nothing'
    return { got: binding, ok: binding.split(':')[0] === kind, problem: `${key} is bound by ${binding}, not ${kind}` }
  }))
  if (entry.state !== undefined) findings.set('state', same(view?.state, entry.state, `the site is ${view?.state ?? 'gone'}, not ${entry.state}`))
  if (entry.deficitA !== undefined) {
    const deficitA = view?.deficitA ?? 0
    findings.set('deficitA', { got: deficitA, ok: near(deficitA, entry.deficitA, 0.01), problem: `${deficitA} A are missing, not ${entry.deficitA}` })
  }
  if (entry.deliveredWh !== undefined) findings.set('deliveredWh', judgeEach(entry.deliveredWh, (key, [low, high]) => {
    const wh = Math.round(evidence.deliveredWh(key) * 10) / 10
    return { got: wh, ok: wh >= low && wh <= high, problem: `${key} got ${wh} Wh, not ${low} to ${high}` }
  }))
  if (entry.during !== undefined) judgeSpan(entry, entry.during, evidence, findings)
  if (entry.alert !== undefined) findings.set('alert', judgeAlert(entry.alert, (entry.by ?? 0) * 1000, evidence.record))
  if (entry.refused === true) findings.set('refused', { ok: false, got: false, problem: 'the configuration was taken' })
  return verdictOf(entry, findings)
}

/** The verdict where the configuration was refused with `reason`. */
export function judgeRefused(entry: Expectation, reason: string): Verdict {
  const names = expectedOf(entry)
  if (entry.refused === true && Object.keys(names).length === 1) return { ...timeOf(entry), ok: true, expected: names, got: { refused: true }, message: `refused: ${reason}` }
  return { ...timeOf(entry), ok: false, expected: names, got: { refused: true }, message: `the configuration was refused: ${reason}` }
}

function judgeAmounts(name: (typeof amountNames)[number], wanted: Readonly<Record<string, number>>, rows: ReadonlyMap<string, ConnectorPowerView>): Finding {
  return judgeEach(wanted, (key, amps) => {
    const got = rows.get(key)?.[name] ?? null
    return { got, ok: got !== null && near(got, amps, tolerances[name]), problem: `${key} has ${name} ${got ?? 'nothing'}, not ${amps}` }
  })
}

function judgeSpan(entry: Expectation, [fromS, toS]: readonly [number, number], { record, witness }: Evidence, findings: Map<string, Finding>): void {
  const [fromMs, toMs] = [fromS * 1000, toS * 1000]
  const told = record.profiles.filter((each) => each.atMs >= fromMs && each.atMs <= toMs)
  if (entry.neverOver === true) {
    const violations = witness.violations(fromMs, toMs)
    const worst = violations.reduce((most, each) => each.overA > (most?.overA ?? 0) ? each : most, violations[0])
    findings.set('neverOver', worst === undefined ? { ok: true, got: true, problem: '' } : {
      ok: false, got: false,
      problem: `${worst.node} ${worst.where} could carry ${worst.loadA.toFixed(2)} of ${worst.limitA.toFixed(2)} A at ${(worst.atMs / 1000).toFixed(1)} s`,
    })
  }
  if (entry.noRaising === true) {
    const first = told.find((each) => each.raises)
    findings.set('noRaising', { ok: first === undefined, got: first === undefined, problem: first === undefined ? '' : `${first.clientID}/${first.connectorId} was raised at ${(first.atMs / 1000).toFixed(1)} s` })
  }
  if (entry.maxProfiles !== undefined) findings.set('maxProfiles', judgeEach(entry.maxProfiles, (key, most) => {
    const count = told.filter((each) => concerns(each, key)).length
    return { got: count, ok: count <= most, problem: `${key} got ${count} profiles, more than ${most}` }
  }))
}

/** A default on connector 0 is one for each connector; the charge point's own maximum is none of a connector's. */
function concerns(message: { readonly clientID: string; readonly connectorId: number; readonly purpose: string }, key: string): boolean {
  return key === `${message.clientID}/${message.connectorId}`
    || (message.connectorId === 0 && message.purpose === 'TxDefaultProfile' && key.slice(0, key.lastIndexOf('/')) === message.clientID)
}

function judgeAlert(code: string, byMs: number, record: RunRecord): Finding {
  const found = record.alerts.find((alert) => alert.code === code && alert.atMs <= byMs)
  const others = [...new Set(record.alerts.map((alert) => alert.code))].join(', ')
  return { ok: found !== undefined, got: found === undefined ? null : code, problem: `no alert ${code} by then${others === '' ? '' : ` (there were ${others})`}` }
}

function judgeEach<V>(wanted: Readonly<Record<string, V>>, judge: (key: string, value: V) => Finding): Finding {
  const findings = Object.entries(wanted).map(([key, value]) => ({ key, ...judge(key, value) }))
  return {
    ok: findings.every((finding) => finding.ok),
    got: Object.fromEntries(findings.map(({ key, got }) => [key, got])),
    problem: findings.filter((finding) => !finding.ok).map((finding) => finding.problem).join('; '),
  }
}

function verdictOf(entry: Expectation, findings: ReadonlyMap<string, Finding>): Verdict {
  const wrong = [...findings.values()].filter((finding) => !finding.ok)
  const got = Object.fromEntries([...findings].map(([name, finding]) => [name, finding.got]))
  return { ...timeOf(entry), ok: wrong.length === 0, expected: expectedOf(entry), got, message: wrong.length === 0 ? `as expected: ${[...findings.keys()].join(', ')}` : wrong.map((finding) => finding.problem).join('; ') }
}

function timeOf(entry: Expectation): Pick<Verdict, 'at' | 'during' | 'by'> {
  return {
    ...(entry.at === undefined ? {} : { at: entry.at }),
    ...(entry.during === undefined ? {} : { during: entry.during }),
    ...(entry.by === undefined ? {} : { by: entry.by }),
  }
}

function expectedOf(entry: Expectation): Record<string, unknown> {
  const { at: _at, during: _during, by: _by, ...rest } = entry
  return rest
}

function same(got: unknown, wanted: unknown, problem: string): Finding {
  return { ok: got === wanted, got: got ?? null, problem }
}

function near(a: number, b: number, tolerance: number): boolean {
  return Math.abs(a - b) <= tolerance + roundingError
}
