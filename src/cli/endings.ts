// How a command ends that could not do what was asked: one table from what went wrong to its exit code.

export const exitCodes = { ok: 0, failure: 1, usage: 2, notFound: 3, auth: 4, conflict: 5, timeout: 6 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** The message and the hint are each a sentence, said on a line of its own. */
export class Ended extends Error {
  override readonly name = 'Ended'
  readonly exitCode: ExitCode
  readonly hint: string | undefined
  constructor(exitCode: ExitCode, message: string, hint?: string) {
    super(message)
    this.exitCode = exitCode
    this.hint = hint
  }
}

/** Codes of problems that mean another thing than their status does. */
const ofProblem: Readonly<Record<string, ExitCode>> = { 'unknown-host': exitCodes.usage }

const ofStatus: Readonly<Record<number, ExitCode>> = {
  400: exitCodes.usage, 401: exitCodes.auth, 403: exitCodes.auth, 404: exitCodes.notFound, 405: exitCodes.usage, 406: exitCodes.usage, 408: exitCodes.timeout,
  409: exitCodes.conflict, 412: exitCodes.conflict, 413: exitCodes.usage, 415: exitCodes.usage, 422: exitCodes.usage, 423: exitCodes.conflict,
  502: exitCodes.conflict, 503: exitCodes.conflict, 504: exitCodes.timeout,
}

/** Of an HTTP answer; `code` is that of the problem. Everything else that is no success is a failure. */
export function exitCodeOfAnswer(status: number, code?: string): ExitCode {
  if (status >= 200 && status < 300) return exitCodes.ok
  return (code === undefined || !Object.hasOwn(ofProblem, code) ? undefined : ofProblem[code]) ?? ofStatus[status] ?? exitCodes.failure
}

const slow = ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']
const offline = ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'UND_ERR_SOCKET']

/** Of a call that was not answered; `code` as Node.js names the error. */
export function exitCodeOfNetwork(code: string | undefined): ExitCode {
  if (code !== undefined && slow.includes(code)) return exitCodes.timeout
  return code !== undefined && offline.includes(code) ? exitCodes.conflict : exitCodes.failure
}
