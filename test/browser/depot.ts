// A small depot behind the pages of a test: the built product, with charge points we did not write that charge.
import { Charger } from '../e2e/charger.ts'
import { newPlace, startServer, type Server } from '../e2e/server.ts'
import { until, Yard } from '../e2e/yard.ts'

export interface Depot {
  readonly server: Server
  readonly yard: Yard
  readonly chargers: readonly Charger[]
  close(): Promise<void>
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

/** Three cars that share 63 A; CP-9 never connects. */
export async function openDepot(): Promise<Depot> {
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
  return { server, yard, chargers, close: () => yard.leave() }
}
