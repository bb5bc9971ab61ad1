// What the API refuses is told at the command line without a request in it: every hint that the sources have, and those of its own.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { wordsOfRefusal } from '../../src/cli/refusals.ts'

const source = join(import.meta.dirname, '../../src')
const texts = ['api', 'actors', 'power'].flatMap((room) => readdirSync(join(source, room), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => readFileSync(join(source, room, name), 'utf8')))
const hintsOfSources = texts.flatMap((text) => [...text.matchAll(/\bhint: (?:'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`)/g)].map(([, plain, written]) => (plain ?? written ?? '').replace(/\$\{[^}]*\}/g, 'x')))
const ofRequests = /\b(?:GET|PUT|POST|PATCH|DELETE)\b|\/api\/|\/readyz|\/lobby\b|If-Match|Retry-After|Authorization|"|^Send\b/

describe('a hint at the command line', () => {
  it.each([404, 409, 422, 429, 403, 500, 503])('speaks of no request, whichever was given with a %i', (status) => {
    expect(hintsOfSources.length).toBeGreaterThan(100)
    for (const hint of hintsOfSources) {
      const words = wordsOfRefusal({ status, code: 'another', detail: 'No.', hint })
      expect(words.message).toBe('No.')
      expect(words.hint).not.toBe('')
      expect(words.hint, hint).not.toMatch(ofRequests)
    }
  })

  it('keeps what can be followed as it is, and turns what is nearly so', () => {
    const hintOf = (hint: string) => wordsOfRefusal({ status: 409, detail: 'No.', hint }).hint
    expect(hintOf('Stop the transaction first.')).toBe('Stop the transaction first.')
    expect(hintOf('Send at most 63 A.')).toBe('Give at most 63 A.')
    expect(hintOf('Repeat the request when /readyz says the store is back.')).toBe('Repeat the command in a minute.')
    expect(hintOf('Give an expiresAt that comes after startsAt.')).toBe('See how it stands with kwota status, then repeat the command.')
  })

  it('names the command that helps, by the code, and the wait where there is one', () => {
    expect(wordsOfRefusal({ status: 404, code: 'unknown-charge-point', detail: 'There is no charge point CP.', hint: 'GET /api/v1/chargepoints lists them.' })).toEqual({ exitCode: 3, message: 'There is no charge point CP.', hint: 'kwota status shows the charge points of a site.' })
    expect(wordsOfRefusal({ status: 429, code: 'too-fast', detail: 'Too fast.', retryAfterS: 7 })).toEqual({ exitCode: 1, message: 'Too fast.', hint: 'Repeat the command in 7 s.' })
    expect(wordsOfRefusal({ status: 422, code: 'toString', detail: 'No.' }).hint).toBe('With --help the command says what it takes.')
  })

  it('calls a field by the flag that gave it, and only where the fault is its form', () => {
    expect(wordsOfRefusal({ status: 422, code: 'invalid', detail: '/ttlS: Too big', hint: 'Write /ttlS as a number.', pointer: '/ttlS' })).toEqual({ exitCode: 2, message: '--ttl is from 1s to 7d.', hint: 'What is to hold for longer is set without --ttl.' })
    expect(wordsOfRefusal({ status: 422, code: 'unknown-site', detail: 'There is no site x.', pointer: '/site' }).message).toBe('There is no site x.')
  })
})
