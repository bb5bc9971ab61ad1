// Records as kwota 0.4 wrote them, lifted into those of today: what they counted stands, what they did not know is said to be unknown.
import type { TransactionRecord } from './record.ts'

/** What was not noted as it began bounds nothing that charges. */
export const unknownMaxPowerW = 1_000_000

interface RecordV1 extends Pick<TransactionRecord,
  'id' | 'siteID' | 'clientID' | 'connectorId' | 'idTag' | 'idTagInfo' | 'status' | 'startedAtMs' | 'startedAtStation' | 'startReceivedAtMs' | 'stoppedAtMs'
  | 'stoppedAtStation' | 'stopReason' | 'stopIdTag' | 'reservationId' | 'meterStartWh' | 'meterStopWh' | 'conflicts'> {
  readonly v: 1
  readonly register: { readonly energyWh: number; readonly anomalies: number }
}

function isV1(value: unknown): value is RecordV1 {
  return typeof value === 'object' && value !== null && 'v' in value && value.v === 1 && 'startedAtMs' in value && 'register' in value
}

/** A first record as one of today; anything else as it is. */
export function liftRecord(value: unknown): unknown {
  if (!isV1(value)) return value
  const { register, v: _, ...kept } = value
  return { ...kept, v: 2, ...notCounted(), energyMWh: Math.round(register.energyWh * 1000), anomalies: register.anomalies } satisfies TransactionRecord
}

/** A record that nothing has been counted for and that nobody has set anything on. */
export function notCounted() {
  return {
    clockOffsetMs: 0,
    maxPowerW: unknownMaxPowerW,
    timezone: 'UTC',
    tariff: null,
    statuses: [],
    held: [],
    limitedS: {},
    lostWh: {},
    limits: {},
    stoppedBy: null,
    energyMWh: 0,
    anomalies: 0,
    idleMs: 0,
    cost: null,
    peakW: null,
    averageW: null,
    trail: [],
  } satisfies Partial<TransactionRecord>
}
