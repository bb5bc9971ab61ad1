// Stored messages backwards through time: in order whatever their density, and with few questions to the store however many sites there are.
import { describe, expect, test } from 'vitest'
import { newestFirst } from '../../src/actors/message-reader.ts'
import { MessageBlocks, messageSeries } from '../../src/actors/message-block.ts'
import type { MessageRow } from '../../src/actors/message-row.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/port.ts'

const nowMs = Date.UTC(2026, 0, 15, 12)
const dayMs = 86_400_000

function rowAt(siteID: string, atMs: number): MessageRow {
  return { id: `${atMs.toString(36).padStart(9, '0')}-${siteID}`, atMs, sentMono: 0, clientID: `CP-${siteID}`, siteID, direction: 'in', action: 'Heartbeat', messageId: '1', request: '{}', answer: '{}', status: 'answered', latencyMs: 1, bytes: 4, cut: false }
}

/** A store with a row of each site at each of these times, that counts what it is asked. */
async function filled(siteIDs: readonly string[], times: readonly number[]): Promise<{ readonly store: Pick<Store, 'range'>; asked(): number; entries(): number }> {
  const store = createMemoryStore()
  for (const siteID of siteIDs) await store.append(siteID, messageSeries, new MessageBlocks().of(times.map((atMs) => rowAt(siteID, atMs))))
  let [asked, entries] = [0, 0]
  return {
    store: {
      async range(...of) {
        asked++
        const found = await store.range(...of)
        entries += found.length
        return found
      },
    },
    asked: () => asked, entries: () => entries,
  }
}

async function first(store: Pick<Store, 'range'>, siteIDs: readonly string[], count: number, fromMs = nowMs - 7 * dayMs): Promise<string[]> {
  const ids: string[] = []
  for await (const rows of newestFirst(store, siteIDs, { fromMs, toMs: nowMs + dayMs, nowMs })) {
    ids.push(...rows.map(({ id }) => id))
    if (ids.length >= count) break
  }
  return ids.slice(0, count)
}

const sites = (count: number) => Array.from({ length: count }, (_, at) => `site-${String(at).padStart(3, '0')}`)
const every = (ms: number, count: number) => Array.from({ length: count }, (_, at) => nowMs - 1 - at * ms)

describe('the newest', () => {
  test.each([
    ['forty sites that say something ten times a second', 40, every(100, 600), 4],
    ['forty sites that say something once a minute', 40, every(60_000, 600), 8],
    ['forty sites that said something a week ago', 40, [nowMs - 7 * dayMs + 5_000], 36],
    ['one site by the thousand', 1, every(3, 20_000), 14],
  ])('%s', async (_, count, times, looks) => {
    const { store, asked, entries } = await filled(sites(count), times)
    const wanted = times.flatMap((atMs) => sites(count).map((siteID) => rowAt(siteID, atMs).id)).sort().reverse().slice(0, 20)
    expect(await first(store, sites(count), 20)).toEqual(wanted)
    // A look asks each site once.
    expect(asked()).toBeLessThanOrEqual(count * looks)
    expect(entries()).toBeLessThanOrEqual(600)
  })

  test('what was stored before the clock was set back comes first', async () => {
    const times = [nowMs + 3_600_000, nowMs + 3_500_000, nowMs - 1_000]
    const { store } = await filled(['a', 'b'], times)
    expect(await first(store, ['a', 'b'], 6)).toEqual(times.flatMap((atMs) => [rowAt('b', atMs).id, rowAt('a', atMs).id]))
  })

  test('of this very moment, and all there is', async () => {
    const { store } = await filled(['a'], [nowMs, nowMs - 1, nowMs - 3 * dayMs])
    expect(await first(store, ['a'], 10)).toEqual([nowMs, nowMs - 1, nowMs - 3 * dayMs].map((atMs) => rowAt('a', atMs).id))
    expect(await first(store, ['a'], 10, nowMs - 1)).toHaveLength(2)
  })
})
