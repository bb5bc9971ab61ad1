// Asks the operator's certificate authority to sign what a charge point wants signed; a few at a time.
import { z } from 'zod'
import type { Outgoing } from '../outgoing.ts'

export interface CertificateAuthority {
  /** Resolves with the chain in PEM, not looked at yet; rejects with an Error that says why there is none. */
  sign(request: { readonly clientID: string; readonly siteID: string; readonly csr: string }): Promise<string>
  /** Which organisation certificates of charge points must name; undefined = any. */
  readonly clientOrganisation: string | undefined
}

export interface CertificateAuthorityOptions {
  readonly url: string
  /** `whsec_` and base64, or any text; absent = not signed. */
  readonly secret?: string | undefined
  readonly timeoutS: number
  readonly outgoing: Outgoing
  readonly clientOrganisation?: string | undefined
}

const answerSchema = z.object({ certificateChain: z.string().min(1) })
/** Questions on their way at once; the others wait their turn, of each charge point one. */
const mostAtOnce = 8

/** The service of kwota.yaml's `certificateAuthority`: POST `{ clientID, siteID, csr }`, answered by `{ certificateChain }`. */
export function createCertificateAuthority({ url, secret, timeoutS, outgoing, clientOrganisation }: CertificateAuthorityOptions): CertificateAuthority {
  const waiting: (() => void)[] = []
  let asking = 0
  return {
    clientOrganisation,
    async sign({ clientID, siteID, csr }) {
      if (asking >= mostAtOnce) await new Promise<void>((resolve) => { waiting.push(resolve) })
      else asking++
      try {
        const answer = answerSchema.safeParse(await outgoing({ url, secret, timeoutS, kind: 'sign', payload: { clientID, siteID, csr }, trusted: true }))
        if (!answer.success) throw new Error('its answer has no certificateChain')
        return answer.data.certificateChain
      } finally {
        const next = waiting.shift()
        if (next === undefined) asking--
        else next()
      }
    },
  }
}
