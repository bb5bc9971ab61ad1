// A charge point of two connectors on a bare wire: boots, charges when it shall, and accepts every limit at once.
import { openWire, type Wire } from './wire.ts'

interface ProfileRequest {
  readonly csChargingProfiles: { readonly chargingProfilePurpose: string; readonly chargingSchedule: { readonly chargingSchedulePeriod: readonly { readonly limit: number }[] } }
}

export class WireStation {
  transactionId = 0
  /** The newest limit of the running transaction, A. */
  limitA = 0
  /** Told each such limit, with its frame, before it is answered. */
  limited: (limitA: number, payload: Buffer) => void = () => undefined
  /** Gets what is neither a CALL nor the answer to `call`. */
  answered: (payload: Buffer) => void = () => undefined
  readonly wire: Wire
  private pending: { readonly id: string; readonly resolve: (payload: unknown) => void; readonly reject: (error: Error) => void } | null = null
  private calls = 0

  constructor(wire: Wire) {
    this.wire = wire
    wire.heard = (payload) => this.heard(payload)
    wire.lost = () => this.pending?.reject(new Error('the server hung up'))
  }

  /** One at a time. */
  call(action: string, payload: object): Promise<unknown> {
    const id = `c${++this.calls}`
    return new Promise((resolve, reject) => {
      this.pending = { id, resolve, reject }
      this.wire.send(JSON.stringify([2, id, action, payload]))
    })
  }

  async boot(connectors: number): Promise<void> {
    await this.call('BootNotification', { chargePointVendor: 'Bench', chargePointModel: 'Wire' })
    for (let connectorId = 1; connectorId <= connectors; connectorId++) await this.call('StatusNotification', { connectorId, errorCode: 'NoError', status: 'Available' })
  }

  /** On connector 1. */
  async charge(): Promise<void> {
    await this.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing' })
    const started = await this.call('StartTransaction', { connectorId: 1, idTag: 'BENCH', meterStart: 0, timestamp: new Date().toISOString() })
    this.transactionId = (started as { transactionId: number }).transactionId
    await this.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' })
  }

  private heard(payload: Buffer): void {
    // Of answers in the loop only the beginning is looked at: `[2,` is a question of the server's.
    if (payload[1] === 0x32) return this.asked(payload)
    const { pending } = this
    if (pending === null) return this.answered(payload)
    const [type, id, third] = JSON.parse(payload.toString('utf8')) as [number, string, unknown]
    if (id !== pending.id) throw new Error(`answered ${id}, asked ${pending.id}`)
    this.pending = null
    if (type === 3) pending.resolve(third)
    else pending.reject(new Error(`refused: ${payload.toString('utf8')}`))
  }

  private asked(payload: Buffer): void {
    const [, id, action, request] = JSON.parse(payload.toString('utf8')) as [number, string, string, unknown]
    if (action === 'SetChargingProfile') {
      const { chargingProfilePurpose, chargingSchedule } = (request as ProfileRequest).csChargingProfiles
      if (chargingProfilePurpose === 'TxProfile') {
        this.limitA = chargingSchedule.chargingSchedulePeriod[0]!.limit
        this.limited(this.limitA, payload)
      }
    }
    this.wire.send(JSON.stringify([3, id, responseTo(action)]))
  }
}

function responseTo(action: string): object {
  if (action === 'GetConfiguration') return { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '8' }], unknownKey: [] }
  return { status: action === 'TriggerMessage' ? 'NotImplemented' : action === 'GetCompositeSchedule' ? 'Rejected' : 'Accepted' }
}

const atOnce = 32

/** Opens one for each name, a few at a time: booted with so many connectors, and charging when it shall. */
export async function openWireStations(ocppUrl: string, names: readonly string[], { connectors, charging }: { readonly connectors: number; readonly charging: boolean }): Promise<WireStation[]> {
  return inTurns(names, async (name) => {
    const station = new WireStation(await openWire(`${ocppUrl}/${name}`, 'ocpp1.6'))
    await station.boot(connectors)
    if (charging) await station.charge()
    return station
  })
}

/** The results in the order of what was given; a few are under way at a time. */
export async function inTurns<One, Result>(all: readonly One[], work: (one: One) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  const entries = all.entries()
  await Promise.all(Array.from({ length: atOnce }, async () => { for (const [index, one] of entries) results[index] = await work(one) }))
  return results
}

/** Resolves when every station may draw `limitA`. */
export async function untilAllGranted(stations: readonly WireStation[], limitA: number): Promise<void> {
  const deadline = performance.now() + 300_000
  for (; ;) {
    const without = stations.filter((station) => station.limitA < limitA).length
    if (without === 0) return
    if (performance.now() > deadline) throw new Error(`${without} of ${stations.length} charge points were not granted ${limitA} A`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
