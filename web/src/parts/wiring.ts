// What people say about a new charge point, as the REST API takes it.
export interface Wiring {
  readonly circuit: string
  readonly connectors: number
  readonly current: 'AC' | 'DC'
  readonly maxA: number
  readonly maxW: number
  /** '' = all three, in the circuit's order. */
  readonly phase: '' | 'L1' | 'L2' | 'L3'
  /** `drawn`: kwota makes one; `own`: the text; `none`: it may come without; `keep`: nothing is said about it. */
  readonly password: 'drawn' | 'own' | 'none' | 'keep'
  readonly ownPassword: string
}

export const usualWiring: Wiring = { circuit: '', connectors: 1, current: 'AC', maxA: 32, maxW: 50_000, phase: '', password: 'drawn', ownPassword: '' }

/** The fields of `POST /chargepoints` and of accepting, but for the id and the site. */
export function bodyOf({ circuit, connectors, current, maxA, maxW, phase, password, ownPassword }: Wiring): Record<string, unknown> {
  const one = current === 'DC' ? { current, maxW } : { maxA, ...(phase !== '' && { phases: [phase] }) }
  return {
    ...(circuit !== '' && { circuit }),
    connectors: Array.from({ length: connectors }, (_, index) => ({ id: index + 1, ...one })),
    ...(password === 'drawn' && { generatePassword: true }),
    ...(password === 'own' && { password: ownPassword }),
    ...(password === 'none' && { securityProfile: 0 }),
  }
}
