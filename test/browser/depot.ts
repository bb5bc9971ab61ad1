// A small depot behind the pages of a test: the built product, with charge points we did not write that charge, and a browser.
import { afterAll, beforeAll } from 'vitest'
import { Charger } from '../e2e/charger.ts'
import { newPlace, startServer, tidyUp, type Server } from '../e2e/server.ts'
import { until, Yard } from '../e2e/yard.ts'
import { openBrowser, type Look, type Window } from './browser.ts'

interface Depot {
  readonly server: Server
  readonly yard: Yard
  readonly chargers: readonly Charger[]
}

/** What is opened before the tests of a file: its fields are there when a test runs. */
export interface OpenDepot extends Depot {
  /** A window at a path of the depot's server, or at another address. */
  open(at: string, look?: Look): Promise<Window>
  /** Resolves when each car is permitted that much. */
  eachPermitted(limitA: number): Promise<unknown>
}

const config = `sites:
  - id: main
    name: Depot
    timezone: Europe/Berlin
    fuseA: 63
    circuits: [{ id: row, limitA: 63 }]
    settings: { tariffId: day }
tariffs:
  - { id: day, name: Day, currency: EUR, perKWhMinor: 39 }
engine: { meterSampleIntervalS: 1 }
chargePoints:
  - { id: CP-1, circuit: row }
  - { id: CP-2, circuit: row }
  - { id: CP-3 }
  - { id: CP-9 }
`

/** For a whole `describe`: three cars that share 63 A (CP-9 never connects), and a browser to look at them with. */
export function withDepot(): OpenDepot {
  let chromium: Awaited<ReturnType<typeof openBrowser>>
  let depot: Depot
  beforeAll(async () => {
    chromium = await openBrowser()
    depot = await start()
  })
  afterAll(async () => {
    await depot.yard.leave()
    await chromium.close()
    await tidyUp()
  })
  return {
    get server() { return depot.server },
    get yard() { return depot.yard },
    get chargers() { return depot.chargers },
    open: (at, look) => chromium.open(new URL(at, depot.server.url).href, look),
    eachPermitted: (limitA) => until(`${limitA} A for each`, () => depot.chargers.every(({ permitA }) => permitA === limitA)),
  }
}

async function start(): Promise<Depot> {
  const server = await startServer({ place: await newPlace(), config })
  const yard = new Yard(63)
  const chargers = await Promise.all(['CP-1', 'CP-2', 'CP-3'].map(async (id) => {
    const charger = new Charger({ ocppUrl: server.ocppUrl, id, yard })
    await charger.connect()
    await charger.boot()
    await charger.charge()
    return charger
  }))
  await until('21 A for each', () => chargers.every(({ permitA }) => permitA === 21))
  return { server, yard, chargers }
}
