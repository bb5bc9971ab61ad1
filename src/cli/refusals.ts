// What the API refuses, told to somebody at the command line: the fields of a request as the flags that gave them, and what to do as a command.
import { exitCodeOfAnswer, exitCodes, type ExitCode } from './endings.ts'

/** A problem as it was answered; what was not in it is absent. */
export interface Problem {
  readonly status: number
  readonly code?: string
  readonly detail: string
  readonly hint?: string
  /** Of the first fault: `/ttlS`. */
  readonly pointer?: string
  readonly retryAfterS?: number
}

export interface Refused { readonly exitCode: ExitCode; readonly message: string; readonly hint: string }

const storeHint = 'Repeat the command in a minute; kwota doctor, where kwota runs, looks at its store.'

/** What to do, by the code of the problem. */
const hints: Readonly<Record<string, string>> = {
  'unknown-site': 'Leave --site out: where there are several, kwota names them.',
  'unknown-charge-point': 'kwota status shows the charge points of a site.',
  'unknown-connector': 'kwota status shows the connectors of a site.',
  'unknown-curtailment': 'kwota curtail list --all shows those there are; ended ones are kept for 30 days.',
  'curtailment-ended': 'kwota curtail list shows those that hold or will hold.',
  'too-many-curtailments': 'End those that are not needed: kwota curtail list shows them, kwota curtail end lifts one.',
  'expiry-too-far': 'Give --for at most 7d; what lasts longer is a standing limit: kwota limit set.',
  'expiry-in-the-past': '--for counts from now by the clock of this machine: see that it is right, or curtail for longer.',
  'below-dimming-minimum': 'Give at least that, or leave --dimming out.',
  'failsafe-holds': 'Set the limit anew with kwota limit set; it may be as high as the fuse.',
  'not-in-lobby': 'kwota lobby shows who did. One that has not come yet is added on the page, or under chargePoints in kwota.yaml.',
  'charge-point-exists': 'kwota lobby says why it was refused; it is changed on its page, or in kwota.yaml.',
  'charge-point-offline': 'kwota lobby says why a charge point could not connect; kwota tail shows when it comes.',
  'charge-point-rejected': 'Let it in with kwota lobby accept.',
  'charge-point-booting': 'Wait until it has booted; kwota tail shows its messages.',
  'charge-point-changing': 'Repeat the command.',
  'check-running': 'Repeat the command when it has ended; the page of the charge point shows how far it is.',
  'no-check': 'Begin one with kwota check.',
  'no-check-running': 'Begin one with kwota check.',
  'too-many-checks': 'Repeat the command when some have ended.',
  'backup-under-way': 'Repeat the command when it has ended.',
  'unknown-backup': 'Repeat the command.',
  'missing-scope': 'Put a key that has this scope into KWOTA_API_KEY.',
  'needs-every-site': 'Put a key that is bound to no site into KWOTA_API_KEY.',
  'store-down': storeHint,
  'not-owner': 'Name with --url the kwota that leads this site.',
  internal: 'The log of kwota says more; report what it says.',
}

const hintsOfEndings: Readonly<Record<ExitCode, string>> = {
  [exitCodes.ok]: 'Repeat the command.',
  [exitCodes.failure]: 'The log of kwota says more.',
  [exitCodes.usage]: 'With --help the command says what it takes.',
  [exitCodes.notFound]: 'kwota status shows what is there.',
  [exitCodes.auth]: 'Put another key into KWOTA_API_KEY.',
  [exitCodes.conflict]: 'See how it stands with kwota status, then repeat the command.',
  [exitCodes.timeout]: 'Repeat the command, or wait longer with --timeout 2m.',
}

/** Fields that a flag or an argument has given: its name, what it may be, and what else there is. */
const fields: Readonly<Record<string, readonly [given: string, may: string, hint: string]>> = {
  '/ttlS': ['--ttl', 'is from 1s to 7d', 'What is to hold for longer is set without --ttl.'],
  '/reason': ['--reason', 'is a text of at most 200 characters', 'Say it in fewer words.'],
  '/source': ['--source', 'is a text of at most 200 characters', 'Say it in fewer words.'],
  '/site': ['--site', 'names no site there is', 'Leave --site out: where there are several, kwota names them.'],
  '/connectorId': ['--connector', 'is the number of a connector, from 1', 'kwota status shows the connectors of a site.'],
}

/** Words that only somebody can follow who writes requests. */
const ofRequests = /\b(?:GET|PUT|POST|PATCH|DELETE)\b|\/api\/|\/readyz|\/lobby|If-Match|ETag|Idempotency-Key|Retry-After|Authorization|\b(?:body|header|query|address|nextCursor|cursor)\b|["{}]|\b[a-z]+(?:At|A|W|S|ID|Id|IDs)\b|^Send\b/

/** The exit code, and the two lines for people. */
export function wordsOfRefusal({ status, code = '', detail, hint, pointer = '', retryAfterS }: Problem): Refused {
  const exitCode = exitCodeOfAnswer(status, code)
  const field = detail.startsWith(`${pointer}:`) ? fields[pointer] : undefined
  if (field !== undefined) return { exitCode, message: `${field[0]} ${field[1]}.`, hint: field[2] }
  if (status === 429) return { exitCode, message: detail, hint: `Repeat the command in ${retryAfterS ?? 10} s.` }
  const own = Object.hasOwn(hints, code) ? hints[code] : undefined
  return { exitCode, message: detail, hint: own ?? spoken(hint) ?? hintsOfEndings[exitCode] }
}

/** The hint of the API where it can be followed without a request; undefined where it cannot. */
function spoken(hint: string | undefined): string | undefined {
  if (hint === undefined || hint === '') return undefined
  const words = hint.replace(/^Send at most /, 'Give at most ').replace(/\b([Rr])epeat the request when \/readyz says [^.:]*/, '$1epeat the command in a minute').replace(/\b([Rr])epeat the request\b/, '$1epeat the command')
  return ofRequests.test(words) ? undefined : words
}
