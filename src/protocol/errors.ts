// The error codes of OCPP-J 1.6, in the specification's own spelling, and how liberally we read other people's.

export const errorCodes = [
  'NotImplemented', 'NotSupported', 'InternalError', 'ProtocolError', 'SecurityError', 'FormationViolation', 'PropertyConstraintViolation',
  'OccurenceConstraintViolation', 'TypeConstraintViolation', 'GenericError',
] as const

export type ErrorCode = (typeof errorCodes)[number]

const readings = new Map<string, ErrorCode>([
  ...errorCodes.map((code) => [code.toLowerCase(), code] as const),
  ['occurrenceconstraintviolation', 'OccurenceConstraintViolation'],
  ['formatviolation', 'FormationViolation'],
])

export function isErrorCode(code: string): code is ErrorCode {
  return readings.get(code.toLowerCase()) === code
}

/** The code of a received CALLERROR: known spellings become ours, unknown codes stay (cut to 64 characters). */
export function readErrorCode(code: unknown): string {
  if (typeof code !== 'string' || code === '') return 'GenericError'
  return readings.get(code.toLowerCase()) ?? code.slice(0, 64)
}
