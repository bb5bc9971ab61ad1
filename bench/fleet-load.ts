// Charge points that only stand there, in a process of their own: they boot, charge on a word, and answer what they are asked.
import { createInterface } from 'node:readline'
import { inTurns, openWireStations } from './wire-station.ts'

export interface FleetLoadOrder { readonly ocppUrl: string; readonly names: readonly string[]; readonly connectors: number; readonly charging: boolean }
export interface FleetLoadWord { readonly type: 'booted' | 'charging' }

async function run({ ocppUrl, names, connectors, charging }: FleetLoadOrder): Promise<void> {
  const say = (word: FleetLoadWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`)
  const stations = await openWireStations(ocppUrl, names, { connectors, charging })
  say({ type: charging ? 'charging' : 'booted' })
  for await (const _word of createInterface({ input: process.stdin })) {
    await inTurns(stations, (station) => station.charge())
    say({ type: 'charging' })
  }
}

await run(JSON.parse(process.argv[2] ?? '') as FleetLoadOrder)
