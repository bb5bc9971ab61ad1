// Certificates for tests, made as they are needed: authorities, servers and charge points, good and bad.
// @peculiar/x509 asks for it before it is loaded itself.
await import('reflect-metadata')
const {
  AuthorityKeyIdentifierExtension, BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension, PemConverter,
  Pkcs10CertificateRequest, Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension, X509CertificateGenerator,
} = await import('@peculiar/x509')

export type KeyKind = 'ecdsa' | 'rsa'

export interface Issued {
  /** PEM. */
  readonly cert: string
  /** PEM, PKCS #8. */
  readonly key: string
}

export interface Wish {
  readonly commonName: string
  readonly organisation?: string
  readonly for: 'server' | 'client'
  readonly key?: KeyKind
  readonly notBefore?: Date
  readonly notAfter?: Date
}

export interface Authority {
  /** PEM of the authority itself. */
  readonly cert: string
  /** Servers are named localhost and 127.0.0.1. */
  issue(wish: Wish): Promise<Issued>
  /** A client certificate in PEM for the key of a request, in its name unless another is said. */
  sign(csr: string, changes?: Partial<Pick<Wish, 'notBefore' | 'notAfter'>> & { readonly subject?: string }): Promise<string>
}

const kinds = {
  ecdsa: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
} as const
const day = 86_400_000
let serial = 1

function newKeys(kind: KeyKind) {
  return crypto.subtle.generateKey(kinds[kind], true, ['sign', 'verify'])
}

async function pemOf(key: Awaited<ReturnType<typeof newKeys>>['privateKey']): Promise<string> {
  return PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

function nextSerial(): string {
  return (serial++).toString(16).padStart(4, '0')
}

/** A name in a distinguished name, with what has a meaning there escaped (RFC 4514). */
function escaped(text: string): string {
  return text.replace(/[\\,+"<>;=#]/g, (char) => `\\${char}`)
}

/** A self-signed authority of its own. */
export async function createAuthority(commonName = 'Test CA'): Promise<Authority> {
  const keys = await newKeys('ecdsa')
  const name = `CN=${escaped(commonName)}`
  const own = await X509CertificateGenerator.createSelfSigned({
    serialNumber: nextSerial(), name, keys, signingAlgorithm: kinds.ecdsa, notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + day),
    extensions: [new BasicConstraintsExtension(true, undefined, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)],
  })
  return {
    cert: own.toString('pem'),
    async issue({ commonName: subject, organisation, for: use, key = 'ecdsa', notBefore = new Date(Date.now() - day), notAfter = new Date(Date.now() + day) }) {
      const made = await newKeys(key)
      const cert = await X509CertificateGenerator.create({
        serialNumber: nextSerial(), subject: `CN=${escaped(subject)}${organisation === undefined ? '' : `, O=${escaped(organisation)}`}`, issuer: own.subject,
        notBefore, notAfter, publicKey: made.publicKey, signingKey: keys.privateKey, signingAlgorithm: kinds.ecdsa,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new ExtendedKeyUsageExtension([use === 'server' ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth]),
          await AuthorityKeyIdentifierExtension.create(own.publicKey),
          ...(use === 'server' ? [new SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }, { type: 'ip', value: '127.0.0.1' }])] : []),
        ],
      })
      return { cert: cert.toString('pem'), key: await pemOf(made.privateKey) }
    },
    async sign(csr, { subject, notBefore = new Date(Date.now() - day), notAfter = new Date(Date.now() + day) } = {}) {
      const asked = new Pkcs10CertificateRequest(csr)
      if (!await asked.verify()) throw new Error('the request is not signed by its own key')
      const cert = await X509CertificateGenerator.create({
        serialNumber: nextSerial(), subject: subject ?? asked.subject, issuer: own.subject, notBefore, notAfter, publicKey: asked.publicKey, signingKey: keys.privateKey, signingAlgorithm: kinds.ecdsa,
        extensions: [new BasicConstraintsExtension(false, undefined, true), new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]), await AuthorityKeyIdentifierExtension.create(own.publicKey)],
      })
      return cert.toString('pem')
    },
  }
}

export interface Requested {
  /** PEM, PKCS #10. */
  readonly csr: string
  /** PEM, PKCS #8. */
  readonly key: string
}

/** What a charge point makes when it wants a certificate: a new key, and a request for it. */
export async function createRequest(commonName: string, { key = 'ecdsa', organisation }: Pick<Wish, 'key' | 'organisation'> = {}): Promise<Requested> {
  const keys = await newKeys(key)
  const name = `CN=${escaped(commonName)}${organisation === undefined ? '' : `, O=${escaped(organisation)}`}`
  const csr = await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: kinds[key] })
  return { csr: csr.toString('pem'), key: await pemOf(keys.privateKey) }
}
