// The cases `kwota composite` reads: profiles offered one after the other, then clears, then what they permit together over a window.
import { z } from 'zod'
import { compositeSchedule, type Composite } from '../profiles/composite.ts'
import { clear, install, type Ground, type Stack } from '../profiles/stack.ts'
import { messages, readDateTime } from '../protocol/messages/index.ts'

/** One element of what `--json` prints. */
export interface Answer extends Composite {
  readonly id: string
  readonly install: readonly { readonly status: string; readonly reason?: string }[]
  readonly clears: readonly { readonly status: 'Accepted' | 'Unknown'; readonly removed: readonly number[] }[]
}
export interface Broken { readonly id: string; readonly error: string }
/** `stack` and `ground` are what the answer was computed from. */
export interface Computed { readonly answer: Answer; readonly stack: Stack; readonly ground: Ground }

/** The text is no JSON, or no cases. */
export class CasesError extends Error {}

const instant = z.string().transform((text, context) => {
  const ms = readDateTime(text)
  if (ms !== undefined) return ms
  context.issues.push({ code: 'custom', input: text, message: 'not a date-time' })
  return z.NEVER
})

const caseSchema = z.object({
  start: instant,
  /** Ten years bound the dates that come out. */
  duration: z.int().min(1).max(315_360_000),
  rateUnit: z.enum(['A', 'W']).default('A'),
  connectorId: z.int().min(0),
  connectors: z.int().min(0).max(1_000).default(1),
  transactions: z.array(z.object({ connectorId: z.int().min(1), transactionId: z.int(), start: instant })).default([]),
  profiles: z.array(z.unknown()).default([]),
  clears: z.array(z.object({ request: messages.ClearChargingProfile.request })).default([]),
  defaults: z.object({ voltage: z.number().positive().max(1_000_000).default(230), phases: z.int().min(1).max(3).default(3) }).default({ voltage: 230, phases: 3 }),
})

/** A whole file (`{ meta, cases }`), a list of cases, or one case. Throws CasesError. */
export function readCases(text: string): readonly unknown[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new CasesError(`not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (Array.isArray(parsed)) return parsed
  if (typeof parsed !== 'object' || parsed === null) throw new CasesError('holds neither cases nor a case: write { "cases": [...] }, a list, or one case')
  if (!('cases' in parsed)) return [parsed]
  if (!Array.isArray(parsed.cases)) throw new CasesError('"cases" must be a list')
  return parsed.cases
}

/** `place` counts from 0 and names a case that has no id of its own. `start` is now; no clock is looked at. */
export function computeCase(given: unknown, place: number): Computed | Broken {
  const id = idOf(given) ?? `case ${place + 1}`
  const parsed = caseSchema.safeParse(given)
  if (!parsed.success) return { id, error: inWords(parsed.error.issues) }
  const { start, duration, rateUnit, connectorId, connectors, transactions, profiles, clears, defaults } = parsed.data
  const ground: Ground = {
    connectors: Array.from({ length: connectors }, (_, index) => index + 1), ...defaults,
    transactions: transactions.map((one) => ({ connectorId: one.connectorId, transactionId: one.transactionId, startedAtMs: one.start })),
  }
  let stack: Stack = []
  const installed: Answer['install'][number][] = []
  for (const [index, profile] of profiles.entries()) {
    const offer = readProfile(profile)
    if ('issues' in offer) {
      const wrong = offer.issues.map((issue) => ({ ...issue, path: ['profiles', index, ...issue.path] }))
      if (!offer.issues.every(breaksRule)) return { id, error: inWords(wrong) }
      installed.push({ status: 'Rejected', reason: ruleInWords(offer.issues) })
      continue
    }
    const outcome = install(stack, ground, offer.connectorId, offer.csChargingProfiles, start)
    stack = outcome.stack
    installed.push(outcome.status === 'Accepted' ? { status: outcome.status } : { status: outcome.status, reason: outcome.reason })
  }
  const cleared = clears.map(({ request }): Answer['clears'][number] => {
    const { stack: left, removed } = clear(stack, request)
    stack = left
    return { status: removed.length > 0 ? 'Accepted' : 'Unknown', removed: removed.map(({ profile }) => profile.chargingProfileId) }
  })
  return { answer: { id, install: installed, clears: cleared, ...inOrder(compositeSchedule(stack, ground, { connectorId, durationS: duration, unit: rateUnit, startMs: start })) }, stack, ground }
}

function inOrder({ status, connectorId, scheduleStart, durationS, rateUnit, periods }: Composite): Composite {
  return { status, connectorId, scheduleStart, durationS, rateUnit, periods }
}

function idOf(given: unknown): string | undefined {
  const id = typeof given === 'object' && given !== null && 'id' in given ? given.id : undefined
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined
}

type Issue = z.core.$ZodIssue

function readProfile(given: unknown) {
  const parsed = messages.SetChargingProfile.request.safeParse(given)
  return parsed.success ? parsed.data : { issues: parsed.error.issues }
}

/** It has the shape of a request, and a charge point would refuse what it says. */
function breaksRule(issue: Issue): boolean {
  return issue.code === 'too_small' || (issue.code === 'custom' && issue.params?.['fault'] === 'not-tenths')
}

function ruleInWords(issues: readonly Issue[]): string {
  return issues.map(({ path, message }) => `${String(path.findLast((part) => typeof part === 'string') ?? '')}: ${message}`).join('; ')
}

function inWords(issues: readonly Issue[]): string {
  return issues.slice(0, 5).map(({ path, message }) => `${path.map((part) => `/${String(part)}`).join('') || '/'}: ${message}`).join('; ')
}
