// A charge point on a real socket: boots, charges, accepts every limit at once.
import { dial } from './line.ts'

export interface Station {
  readonly clientID: string
  readonly transactionId: number
  /** The newest limit of the running transaction, A. */
  readonly limitA: number
  /** Told each such limit, before it is answered. */
  limited: (limitA: number) => void
  call(action: string, payload: object): Promise<unknown>
  send(frame: string): void
  /** Gets the answers to what was sent by `send`. */
  heard: (text: string) => void
  close(): void
}

interface ProfileRequest {
  readonly csChargingProfiles: { readonly chargingProfilePurpose: string; readonly chargingSchedule: { readonly chargingSchedulePeriod: readonly { readonly limit: number }[] } }
}

export const stationID = (index: number): string => `BENCH-${String(index + 1).padStart(3, '0')}`

/** Resolves when its car charges: booted, with a transaction. */
export async function openStation(ocppUrl: string, clientID: string): Promise<Station> {
  const pending = new Map<string, { resolve(payload: unknown): void; reject(error: Error): void }>()
  let calls = 0
  let transactionId = 0
  let limitA = 0

  function received(text: string): void {
    // Answers inside the closed loop are not parsed: the load must stay cheaper than what it loads.
    if (text.startsWith('[3,') && pending.size === 0) return station.heard(text)
    const [type, id, third, fourth] = JSON.parse(text) as [number, string, unknown, unknown]
    if (type === 2) return answer(id, String(third), fourth)
    const waiting = pending.get(id)
    if (waiting === undefined) return station.heard(text)
    pending.delete(id)
    if (type === 3) waiting.resolve(third)
    else waiting.reject(new Error(`${clientID} was refused: ${text}`))
  }

  function answer(id: string, action: string, payload: unknown): void {
    if (action === 'SetChargingProfile') {
      const { chargingProfilePurpose, chargingSchedule } = (payload as ProfileRequest).csChargingProfiles
      if (chargingProfilePurpose === 'TxProfile') {
        limitA = chargingSchedule.chargingSchedulePeriod[0]!.limit
        station.limited(limitA)
      }
    }
    const response = action === 'GetConfiguration'
      ? { configurationKey: [{ key: 'ChargeProfileMaxStackLevel', readonly: true, value: '8' }], unknownKey: [] }
      : { status: 'Accepted' }
    socket.send(JSON.stringify([3, id, response]))
  }

  const station: Station = {
    clientID,
    get transactionId() { return transactionId },
    get limitA() { return limitA },
    limited: () => undefined,
    heard: () => undefined,
    send: (frame) => socket.send(frame),
    close: () => socket.terminate(),
    call(action, payload) {
      const id = `c${++calls}`
      return new Promise((resolve, reject) => {
        pending.set(id, { resolve, reject })
        socket.send(JSON.stringify([2, id, action, payload]))
      })
    },
  }
  const socket = await dial(`${ocppUrl}/${clientID}`, ['ocpp1.6'], received)
  await station.call('BootNotification', { chargePointVendor: 'Bench', chargePointModel: 'Loop' })
  await station.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing' })
  const started = await station.call('StartTransaction', { connectorId: 1, idTag: 'BENCH', meterStart: 0, timestamp: new Date().toISOString() })
  transactionId = (started as { transactionId: number }).transactionId
  await station.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' })
  return station
}

/** Opens that many, a few at a time; all of them, or none. */
export async function openStations(ocppUrl: string, count: number): Promise<Station[]> {
  const stations: Station[] = []
  const atOnce = 20
  for (let first = 0; first < count; first += atOnce) {
    const indices = Array.from({ length: Math.min(atOnce, count - first) }, (_, offset) => first + offset)
    stations.push(...await Promise.all(indices.map((index) => openStation(ocppUrl, stationID(index)))))
  }
  return stations
}

/** Resolves when every station may draw `limitA`. */
export async function untilGranted(stations: readonly Station[], limitA: number): Promise<void> {
  const deadline = performance.now() + 30_000
  while (stations.some((station) => station.limitA < limitA)) {
    if (performance.now() > deadline) throw new Error(`${stations.filter((station) => station.limitA < limitA).length} of ${stations.length} stations were not granted ${limitA} A`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
