// A dry run of limits: what another limit or site would come to, while nothing is booked, sent or stored.
import { describe, expect, test } from 'vitest'
import { previewChange, type LimitChange } from '../../src/actors/limit-preview.ts'
import { charging, siteOf, type RoomOptions } from './site-stand.ts'

async function stand(options: RoomOptions = {}) {
  const open = await charging(options)
  const time = () => ({ nowMs: open.clock.wall() })
  return { ...open, preview: (change: LimitChange, atMs?: number) => previewChange(open.room.engine, change, { ...time(), ...(atMs === undefined ? {} : { atMs }) }) }
}

describe('another grid limit', () => {
  test('is compared connector by connector, with what would leave at once', async () => {
    const { preview } = await stand()
    expect(preview({ grid: { currentA: 20, setAtMs: 0 } })).toEqual({
      dryRun: true, siteID: 'main', at: expect.any(String) as string,
      effective: { before: { currentA: 64, powerW: 44_160, binding: 'fuse' }, after: { currentA: 20, powerW: 13_800, binding: 'grid-limit' } },
      state: 'enforcing',
      connectors: [1, 2].map((id) => ({ clientID: `CP${id}`, connectorId: 1, beforeA: 32, afterA: 10, bindingBefore: 'hardware', bindingAfter: 'grid-limit', changed: true, why: '10 A: the grid limit of 20 A is shared equally by 2 cars.' })),
      counts: { connectors: 2, changed: 2, lowered: 2, raised: 0, leftOut: 0 },
      lowerings: [1, 2].map((id) => ({ clientID: `CP${id}`, connectorId: 1, purpose: 'TxProfile', toA: 10, cutA: 22 })),
      misfits: [],
    })
  })

  test('says of each lowering whether it is what a car gets or what it falls back to', async () => {
    const { preview } = await stand({ chargePoints: ['CP1', 'CP2'].map((id) => ({ id, fallbackA: 10 })) })
    const { lowerings } = preview({ grid: { currentA: 12, setAtMs: 0 } })
    expect(lowerings.map(({ clientID, purpose }) => `${clientID} ${purpose}`).sort()).toEqual(['CP1 TxDefaultProfile', 'CP1 TxProfile', 'CP2 TxDefaultProfile', 'CP2 TxProfile'])
  })

  test('changes nothing: no message, no row, no plan, no event', async () => {
    const { preview, room, scope, one, two, events } = await stand()
    const { engine } = room
    const seen = () => JSON.stringify([engine.books.row('CP1/1'), engine.books.row('CP2/1'), one.calls, two.calls, events, room.power(), scope.waiting()])
    const [before, planned] = [seen(), engine.plan]
    preview({ grid: { currentA: 6, setAtMs: 0 } })
    preview({ site: siteOf({ fuseA: 16 }) })
    expect(seen()).toBe(before)
    expect(engine.plan).toBe(planned)
  })

  test('the one that holds already changes nobody, and says so of every car', async () => {
    const { preview, room, clock } = await stand()
    await room.setGridLimit({ currentA: 20 }, 'local')
    await clock.advance(20_000)
    expect(preview({ grid: { currentA: 20, setAtMs: 0 } })).toMatchObject({ connectors: [1, 2].map((id) => ({ clientID: `CP${id}`, beforeA: 10, afterA: 10, changed: false, why: '10 A: the grid limit of 20 A is shared equally by 2 cars.' })), counts: { changed: 0, leftOut: 0 }, lowerings: [], state: 'enforced' })
    expect(preview({ grid: null })).toMatchObject({ effective: { after: { binding: 'fuse' } }, counts: { lowered: 0, raised: 2 }, connectors: [{ beforeA: 10, afterA: 32 }, { beforeA: 10, afterA: 32 }] })
  })

  test('what cannot be enforced says the missing amps and where', async () => {
    const { preview, gone, two } = await stand()
    gone(two)
    expect(preview({ grid: { currentA: 20, setAtMs: 0 } })).toMatchObject({ state: 'unenforceable', deficitA: 12, misfits: ['L1', 'L2', 'L3'].map((phase) => expect.stringContaining(`main ${phase} (grid-limit) would lack 12 A`) as string) })
  })
})

describe('a limit for a time', () => {
  const cut = (fromMs: number, untilMs = Infinity) => ({ source: 'curtailment:cur_1', currentA: 24, fromMs, untilMs })

  test('that holds now', async () => {
    const { preview, clock } = await stand()
    expect(preview({ timed: [cut(0, clock.wall() + 60_000)] })).toMatchObject({ effective: { after: { currentA: 24, binding: 'curtailment:cur_1' } }, connectors: [{ afterA: 12, bindingAfter: 'curtailment:cur_1' }, { afterA: 12 }] })
  })

  test('that begins later is looked at where it begins, with the cars of now', async () => {
    const { preview, clock } = await stand()
    const fromMs = clock.wall() + 3_600_000
    expect(preview({ timed: [cut(fromMs)] })).toMatchObject({ counts: { changed: 0 } })
    expect(preview({ timed: [cut(fromMs)] }, fromMs)).toMatchObject({ at: new Date(fromMs).toISOString(), counts: { changed: 2, lowered: 2 } })
  })

  test('a grid limit that has lapsed by then is the failsafe', async () => {
    const { preview, clock } = await stand({ site: { fuseA: 64, failsafeA: 13 } })
    const expiresAtMs = clock.wall() + 60_000
    expect(preview({ grid: { currentA: 40, setAtMs: 0, expiresAtMs } }, expiresAtMs)).toMatchObject({ effective: { after: { currentA: 13, binding: 'failsafe' } }, connectors: [{ afterA: 7 }, { afterA: 6, bindingAfter: 'failsafe' }] })
    expect(preview({ grid: { currentA: 40, setAtMs: 0, expiresAtMs } }, expiresAtMs - 1)).toMatchObject({ connectors: [{ afterA: 20 }, { afterA: 20 }] })
  })
})

describe('another site', () => {
  test('fuse, circuits and fallbacks that no longer fit', async () => {
    const { preview } = await stand({ chargePoints: [{ id: 'CP1', fallbackA: 10 }, { id: 'CP2', fallbackA: 10 }] })
    const found = preview({ site: siteOf({ fuseA: 16 }) })
    expect(found).toMatchObject({ effective: { after: { currentA: 16, binding: 'fuse' } }, connectors: [{ afterA: expect.any(Number) as number }, {}] })
    expect(found.misfits[0]).toContain('fallbacks and worst base load add up to 20 A, the limit (fuse) is 16 A')
  })

  test('charge points that would hang elsewhere', async () => {
    const { preview, room } = await stand()
    const chargePoints = room.engine.books.chargePoints.map((one) => ({ ...one, circuit: 'garage' }))
    expect(preview({ site: siteOf({ fuseA: 64, circuits: [{ id: 'garage', limitA: 30 }] }), chargePoints })).toMatchObject({ connectors: [{ afterA: 15, bindingAfter: 'circuit:garage', why: '15 A: circuit garage of 30 A is shared equally by 2 cars.' }, { afterA: 15 }] })
  })
})
