// A kwota for a whole file of tests that ask it from the command line, with one charge point of somebody else's making on it.
import { afterAll, beforeAll } from 'vitest'
import { Charger } from '../e2e/charger.ts'
import { newPlace, startServer, tidyUp, type Server } from '../e2e/server.ts'
import { Yard } from '../e2e/yard.ts'
import { kwota, start, type Ran, type Running } from './command.ts'

export interface AskedServer {
  readonly server: Server
  /** Of the site's 63 A. */
  readonly yard: Yard
  /** Runs a command against it until it ends, far from the time zone of the site. */
  run(...args: string[]): Promise<Ran>
  /** The same, while it runs. */
  begin(...args: string[]): Promise<Running>
}

/** `chargePoints` below the key of that name of kwota.yaml; CP-1 among them connects, and `ready` brings it further. */
export function withAskedServer(chargePoints: string, ready: (charger: Charger) => Promise<unknown> = async () => undefined): AskedServer {
  const yard = new Yard(63)
  let place = ''
  let server: Server
  beforeAll(async () => {
    place = await newPlace()
    server = await startServer({ place, config: `unknownChargePoints: pending\nsites:\n  - { id: main, fuseA: 63, timezone: Asia/Kathmandu }\nchargePoints:\n${chargePoints}` })
    const charger = new Charger({ ocppUrl: server.ocppUrl, id: 'CP-1', yard })
    await charger.connect()
    await charger.boot()
    await ready(charger)
  }, 120_000)
  afterAll(async () => {
    await yard.leave()
    await tidyUp()
  })
  return {
    yard,
    get server() { return server },
    run: (...args) => kwota(place, args, { KWOTA_URL: server.url, TZ: 'America/New_York' }),
    begin: (...args) => start(place, args, { KWOTA_URL: server.url }),
  }
}
