// A part of the charge points of a storm, in a process of its own: they connect in order, and on a word are all cut and come back at once.
import { createInterface } from 'node:readline'
import { DialRefused, dial, type OcppClient } from './ocpp-client.ts'
import { pause } from './program.ts'
import { passwordOf } from './storm-config.ts'

export interface StormOrder { readonly ocppUrl: string; readonly names: readonly string[]; readonly passwords: boolean }

export type StormWord =
  | { readonly type: 'ready' }
  /** All are back. Times from the cut to the accepted BootNotification, ms; the tries that were refused, by what they were refused with. */
  | { readonly type: 'back'; readonly bootedMs: readonly number[]; readonly refused: Readonly<Record<string, number>> }
/** On its standard input: `cut` ends every connection and comes back; `expect` comes back when the other side ends them. */
export type StormCommand = 'cut' | 'expect'

const atOnce = 25
const backoffMs = 200
const longestBackoffMs = 2_000

class Station {
  readonly name: string
  bootedMs: number | null = null
  private readonly order: StormOrder
  private client: OcppClient | null = null
  private lost = (): void => undefined
  readonly refused: string[] = []

  constructor(order: StormOrder, name: string) {
    this.order = order
    this.name = name
  }

  /** Until it is booted, with tries as far apart as it is told, or twice as far each time. */
  async come(): Promise<void> {
    for (let waitMs = backoffMs; ; waitMs = Math.min(longestBackoffMs, waitMs * 2)) {
      try {
        const { ocppUrl, passwords } = this.order
        const authorization = !passwords ? undefined : `Basic ${Buffer.from(`${this.name}:${passwordOf(this.name)}`).toString('base64')}`
        const client = await dial({ url: `${ocppUrl}/${this.name}`, authorization, asked: answered, closed: () => this.lost() })
        this.client = client
        const booted = await client.call('BootNotification', { chargePointVendor: 'Chaos', chargePointModel: 'Storm' })
        if (booted.type === 'result' && booted.payload['status'] === 'Accepted') {
          this.bootedMs = performance.now()
          await client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' })
          return
        }
        this.refused.push(booted.type === 'cut' ? 'cut before it was booted' : 'boot not accepted')
        client.terminate()
        await pause(waitMs)
      } catch (error) {
        if (!(error instanceof DialRefused)) throw error
        this.refused.push(error.status === null ? error.message.replace(/ ?(?:127\.0\.0\.1|\[::1\]):\d+/, '') : String(error.status))
        await pause(error.retryAfterS === null ? waitMs : error.retryAfterS * 1000)
      }
    }
  }

  cut(): void {
    this.bootedMs = null
    this.client?.terminate()
  }

  /** Resolves when the other side has ended it. */
  ended(): Promise<void> {
    return new Promise((resolve) => {
      this.lost = resolve
      if (this.client?.open !== true) resolve()
    })
  }
}

function answered(action: string): object {
  if (action === 'GetConfiguration') return { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '5' }] }
  return { status: action === 'TriggerMessage' ? 'NotImplemented' : action === 'GetCompositeSchedule' ? 'Rejected' : 'Accepted' }
}

async function run(order: StormOrder): Promise<void> {
  const say = (word: StormWord): void => void process.stdout.write(`${JSON.stringify(word)}\n`)
  const stations = order.names.map((name) => new Station(order, name))
  const next = stations.values()
  await Promise.all(Array.from({ length: atOnce }, async () => { for (const station of next) await station.come() }))
  say({ type: 'ready' })
  for await (const line of createInterface({ input: process.stdin })) {
    for (const station of stations) station.refused.length = 0
    let beganMs = 0
    if (line as StormCommand === 'cut') {
      for (const station of stations) station.cut()
      beganMs = performance.now()
      await Promise.all(stations.map((station) => station.come()))
    } else {
      await Promise.all(stations.map(async (station) => {
        await station.ended()
        beganMs ||= performance.now()
        station.bootedMs = null
        await station.come()
      }))
    }
    const refused: Record<string, number> = {}
    for (const reason of stations.flatMap((station) => station.refused)) refused[reason] = (refused[reason] ?? 0) + 1
    say({ type: 'back', refused, bootedMs: stations.map(({ bootedMs }) => Math.round((bootedMs ?? Infinity) - beganMs)) })
  }
}

await run(JSON.parse(process.argv[2] ?? '') as StormOrder)
