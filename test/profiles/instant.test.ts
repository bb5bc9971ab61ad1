// A profile's times are read exactly as the messages that carry it are judged.
import { expect, test } from 'vitest'
import { readInstant } from '../../src/profiles/instant.ts'
import { readDateTime } from '../../src/protocol/messages/index.ts'

test.each([
  '2026-11-22T12:00:00Z', '2026-11-22T12:00:00.123456Z', '2026-11-22T12:00:00,5+01:00', '2026-11-22t12:00:00-0730', '2026-11-22T12:00+02', '2026-11-22T12:00:00', '2028-02-29T00:00:00Z',
  '2026-12-31T23:59:60Z', '0099-01-01T00:00:00Z', '2027-02-29T00:00:00Z', '2026-00-01T00:00:00Z', '2026-11-00T00:00:00Z', '2026-11-22T24:00:00Z', '2026-11-22T12:60:00Z', '2026-11-22 12:00:00Z',
  '2026-11-22T12:00:00+24:00', '2026-11-22', '', 'noon',
])('%s', (text) => expect(readInstant(text) ?? undefined).toBe(readDateTime(text)))
