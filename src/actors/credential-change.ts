// The two-step changes of how a charge point proves who it is, as orders see them.
import type { PasswordHash } from './credentials.ts'
import type { Estate } from './estate.ts'
import { beginRaise, beginRotation, concludeRaise, concludeRotation, type ChangeOutcome } from './key-rotation.ts'

/** `begin…` before it is sent (rejects with Refusal, and then nothing may be sent), `conclude…` once its end is known. */
export interface CredentialChange {
  /** `keyHex` = 32 to 40 hexadecimal digits. */
  beginRotation(keyHex: string): Promise<PasswordHash>
  concludeRotation(outcome: ChangeOutcome, begun: PasswordHash): Promise<void>
  beginRaise(profile: 1 | 2 | 3): Promise<void>
  concludeRaise(outcome: ChangeOutcome): Promise<void>
}

export function credentialChangeOf(estate: Estate, clientID: string): CredentialChange {
  return {
    beginRotation: (keyHex) => beginRotation(estate, clientID, keyHex),
    concludeRotation: (outcome, begun) => concludeRotation(estate, clientID, outcome, begun),
    beginRaise: (profile) => beginRaise(estate, clientID, profile),
    concludeRaise: (outcome) => concludeRaise(estate, clientID, outcome),
  }
}
