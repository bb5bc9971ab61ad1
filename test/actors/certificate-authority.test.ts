// The question to the certificate authority: what it is asked, what counts as an answer, and that only a few are asked at once.
import { expect, test } from 'vitest'
import { createCertificateAuthority } from '../../src/actors/certificate-authority.ts'
import type { OutgoingCall } from '../../src/outgoing.ts'

const request = { clientID: 'CP1', siteID: 'main', csr: 'CSR' }

test('it is asked by one signed call, as the operator has configured it', async () => {
  const calls: OutgoingCall[] = []
  const authority = createCertificateAuthority({ url: 'http://ca/', secret: 'a secret of letters', timeoutS: 7, outgoing: async (call) => (calls.push(call), { certificateChain: 'PEM', more: 1 }) })
  expect(await authority.sign(request)).toBe('PEM')
  expect(calls).toEqual([{ url: 'http://ca/', secret: 'a secret of letters', timeoutS: 7, kind: 'sign', payload: request, trusted: true }])
})

test.each([null, 'PEM', {}, { certificateChain: '' }, { certificateChain: ['PEM'] }, { certificate: 'PEM' }])('%j is no answer', async (answer) => {
  await expect(createCertificateAuthority({ url: 'http://ca/', timeoutS: 7, outgoing: async () => answer }).sign(request)).rejects.toThrow('its answer has no certificateChain')
})

test('eight at once, the others in their turn, whatever becomes of those before them', async () => {
  const open: { clientID: string; end: (how: 'good' | 'bad') => void }[] = []
  const outgoing = ({ payload }: OutgoingCall) => new Promise<unknown>((resolve, reject) => {
    open.push({ clientID: (payload as { clientID: string }).clientID, end: (how) => (how === 'good' ? resolve({ certificateChain: 'PEM' }) : reject(new Error('broken'))) })
  })
  const authority = createCertificateAuthority({ url: 'http://ca/', timeoutS: 7, outgoing })
  const asked = Array.from({ length: 20 }, (_, index) => authority.sign({ ...request, clientID: `CP${index}` }).then(() => 'good', () => 'bad'))
  const seen: string[] = []
  for (let ended = 0; ended < 20; ended++) {
    await new Promise((resolve) => setImmediate(resolve))
    expect(open.length).toBe(Math.min(8, 20 - ended))
    const next = open.shift()
    seen.push(next?.clientID ?? '')
    next?.end(ended % 3 === 0 ? 'bad' : 'good')
  }
  expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => `CP${index}`))
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 20 }, (_, index) => (index % 3 === 0 ? 'bad' : 'good')))
})
