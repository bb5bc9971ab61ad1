// Charge points that only stand there, in a process of their own: they boot, charge on a word, and answer what they are asked.
import { createInterface } from 'node:readline'
import { pointNames } from './depot.ts'
import { inTurns, openWireStations } from './wire-station.ts'

export interface FleetLoadOrder { readonly ocppUrl: string; readonly stations: number; readonly connectors: number; readonly charging: boolean }
export interface FleetLoadWord { readonly type: 'booted' | 'charging' }

async function run({ ocppUrl, stations: count, connectors, charging }: FleetLoadOrder): Promise<void> {
  const say = (word: FleetLoadWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`)
  const stations = await openWireStations(ocppUrl, pointNames(count), { connectors, charging })
  say({ type: charging ? 'charging' : 'booted' })
  for await (const _word of createInterface({ input: process.stdin })) {
    await inTurns(stations, (station) => station.charge())
    say({ type: 'charging' })
  }
}

await run(JSON.parse(process.argv[2] ?? '') as FleetLoadOrder)
