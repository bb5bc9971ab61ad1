// The services of the operator in kwota.yaml: what they are when nothing more is said, and what is refused.
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'

const load = (text: string) => loadConfig({ env: {}, cwd: '/srv', readFile: () => text })

describe.each([['authorisationService', 2, 10], ['certificateAuthority', 10, 300]] as const)('%s', (name, defaultS, mostS) => {
  test('nobody, unless it is said', () => expect(load('port: 1')[name]).toBeNull())
  test('an address is enough', () => expect(load(`${name}: { url: "https://ca.example/sign?x=1" }`)[name]).toEqual({ url: 'https://ca.example/sign?x=1', timeoutS: defaultS }))
  test('with a secret and a time of its own', () => {
    expect(load(`${name}: { url: "http://10.0.0.1/", secret: sixteen-letters-, timeoutS: ${mostS} }`)[name]).toEqual({ url: 'http://10.0.0.1/', secret: 'sixteen-letters-', timeoutS: mostS })
  })

  test.each([
    ['{}', '/url'], ['{ url: "ftp://ca/" }', '/url'], ['{ url: "https://user:hunter2@ca/" }', '/url'], ['{ url: "https://ca/", secret: short }', '/secret'],
    [`{ url: "https://ca/", timeoutS: ${mostS + 1} }`, '/timeoutS'], ['{ url: "https://ca/", timeoutS: 0 }', '/timeoutS'], ['{ url: "https://ca/", key: x }', '/key'],
  ])('%s is refused', (said, pointer) => {
    expect(() => load(`${name}: ${said}`)).toThrow(new RegExp(`kwota\\.yaml:1 /${name}${pointer}`))
    expect(() => load(`${name}: ${said}`)).not.toThrow(/hunter2|short\b/)
  })
})
