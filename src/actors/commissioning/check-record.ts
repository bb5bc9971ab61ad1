// A commissioning check: its steps, how far each has come, and what is kept of the last one of a charge point.
import { z } from 'zod'

export const checkSteps = ['boot', 'clock', 'security', 'configuration', 'profiles', 'limit'] as const
export type CheckStep = (typeof checkSteps)[number]
export const stepStates = ['pending', 'running', 'passed', 'warning', 'failed', 'skipped'] as const
export const checkStates = ['running', 'finished', 'cancelled', 'interrupted'] as const
export const verdicts = ['passed', 'passed-with-warnings', 'failed', 'incomplete'] as const
export type Verdict = (typeof verdicts)[number]

const detail = z.union([z.string(), z.number(), z.boolean(), z.null()])
const stepSchema = z.object({
  id: z.enum(checkSteps), state: z.enum(stepStates),
  /** What was found, and what to do about it; null = nothing. */
  summary: z.string(), fix: z.string().nullable(),
  startedAtMs: z.number().nullable(), endedAtMs: z.number().nullable(),
  details: z.record(z.string(), detail),
})
export const checkSchema = z.object({
  v: z.literal(1), id: z.string(), clientID: z.string(), state: z.enum(checkStates),
  startedAtMs: z.number(), endedAtMs: z.number().nullable(), startedBy: z.string(),
  /** The connector that is lowered; null = the one that draws most. */
  connectorId: z.int().nullable(),
  /** False = it was not asked for, and its absence leaves nothing open. */
  limitTest: z.boolean(),
  steps: z.array(stepSchema),
})
export type CheckRecord = Readonly<z.output<typeof checkSchema>>
export type StepRecord = Readonly<z.output<typeof stepSchema>>
/** What a step came to. */
export interface Finding { readonly state: 'passed' | 'warning' | 'failed' | 'skipped'; readonly summary: string; readonly fix: string | null; readonly details?: StepRecord['details'] }

export type CheckEvent =
  | { readonly type: 'STEP_BEGAN'; readonly step: CheckStep; readonly summary: string }
  | { readonly type: 'STEP_TOLD'; readonly step: CheckStep; readonly summary: string }
  | { readonly type: 'STEP_ENDED'; readonly step: CheckStep; readonly finding: Finding }
  | { readonly type: 'LOST'; readonly why: string }
  | { readonly type: 'CANCELLED' }
  | { readonly type: 'RESTARTED' }
  | { readonly type: 'ALL_ENDED' }

export function checkKey(clientID: string): string {
  return `check:${clientID}`
}

export function beginCheck(given: Pick<CheckRecord, 'id' | 'clientID' | 'startedAtMs' | 'startedBy' | 'connectorId' | 'limitTest'>): CheckRecord {
  return { v: 1, ...given, state: 'running', endedAtMs: null, steps: checkSteps.map((id) => ({ id, state: 'pending', summary: 'Not begun yet.', fix: null, startedAtMs: null, endedAtMs: null, details: {} })) }
}

/** The next record; the same one where the event changes nothing: a check that has ended stays as it is, and so does a step. */
export function advance(record: CheckRecord, event: CheckEvent, atMs: number): CheckRecord {
  if (record.state !== 'running') return record
  switch (event.type) {
    case 'STEP_BEGAN':
      return withStep(record, event.step, ['pending'], { state: 'running', summary: event.summary, startedAtMs: atMs })
    case 'STEP_TOLD':
      return withStep(record, event.step, ['running'], { summary: event.summary })
    case 'STEP_ENDED':
      return withStep(record, event.step, ['pending', 'running'], { ...event.finding, endedAtMs: atMs })
    case 'LOST':
      return { ...withRest(record, event.why, atMs), state: 'finished', endedAtMs: atMs }
    case 'CANCELLED':
      return { ...withRest(record, 'It was cancelled.', atMs), state: 'cancelled', endedAtMs: atMs }
    case 'RESTARTED':
      return { ...withRest(record, 'kwota ended meanwhile; what was changed for the check is undone.', atMs), state: 'interrupted', endedAtMs: atMs }
    case 'ALL_ENDED':
      return record.steps.some(({ state }) => state === 'pending' || state === 'running') ? record : { ...record, state: 'finished', endedAtMs: atMs }
  }
}

/** Null while it runs. A step that was not gone through leaves it incomplete, but for a limit test that nobody wanted. */
export function verdictOf({ state, steps, limitTest }: Pick<CheckRecord, 'state' | 'steps' | 'limitTest'>): Verdict | null {
  if (state === 'running') return null
  if (steps.some((step) => step.state === 'failed')) return 'failed'
  const open = steps.some((step) => (step.state === 'skipped' && (step.id !== 'limit' || limitTest)) || step.state === 'pending' || step.state === 'running')
  if (state !== 'finished' || open) return 'incomplete'
  return steps.some((step) => step.state === 'warning') ? 'passed-with-warnings' : 'passed'
}

function withStep(record: CheckRecord, id: CheckStep, from: readonly StepRecord['state'][], change: Partial<StepRecord>): CheckRecord {
  if (!record.steps.some((step) => step.id === id && from.includes(step.state))) return record
  return { ...record, steps: record.steps.map((step) => (step.id === id ? { ...step, ...change } : step)) }
}

/** What has not ended is skipped. */
function withRest(record: CheckRecord, why: string, atMs: number): CheckRecord {
  return { ...record, steps: record.steps.map((step) => (step.state === 'pending' || step.state === 'running' ? { ...step, state: 'skipped', summary: why, fix: 'Run the check again.', endedAtMs: atMs } : step)) }
}
