// Requests of charge points with one thing wrong, worked out from the message table: each is refused by the schema of its action.

interface Schema { readonly safeParse: (value: unknown) => { readonly success: boolean } }
export type MessageTable = Readonly<Record<string, { readonly direction: string; readonly request: Schema }>>

export interface Broken {
  readonly action: string
  /** What was done to it, like `meterStart = 1e999`. */
  readonly how: string
  /** The payload as text; may hold what JSON.stringify would not write. */
  readonly text: string
}

const sampledValue = { value: '1.5', context: 'Sample.Periodic', format: 'Raw', measurand: 'Current.Import', phase: 'L1', location: 'Outlet', unit: 'A' }
const timestamp = '2026-11-23T12:00:00Z'

/** One good request for each action of a charge point, with every optional field. */
export const goodRequests: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Authorize: { idTag: 'TAG' },
  BootNotification: { chargePointVendor: 'V', chargePointModel: 'M', chargePointSerialNumber: 'S', chargeBoxSerialNumber: 'B', firmwareVersion: '1', iccid: '1', imsi: '1', meterType: 'm', meterSerialNumber: 'n' },
  DataTransfer: { vendorId: 'V', messageId: 'm', data: 'd' },
  DiagnosticsStatusNotification: { status: 'Idle' },
  FirmwareStatusNotification: { status: 'Idle' },
  Heartbeat: {},
  LogStatusNotification: { status: 'Idle', requestId: 1 },
  MeterValues: { connectorId: 1, transactionId: 1, meterValue: [{ timestamp, sampledValue: [sampledValue] }] },
  SecurityEventNotification: { type: 'T', timestamp, techInfo: 'i' },
  SignCertificate: { csr: 'c' },
  SignedFirmwareStatusNotification: { status: 'Idle', requestId: 1 },
  StartTransaction: { connectorId: 1, idTag: 'TAG', meterStart: 0, reservationId: 1, timestamp },
  StatusNotification: { connectorId: 1, errorCode: 'NoError', info: 'i', status: 'Available', timestamp, vendorId: 'V', vendorErrorCode: 'c' },
  StopTransaction: { idTag: 'TAG', meterStop: 1, timestamp, transactionId: 1, reason: 'Local', transactionData: [{ timestamp, sampledValue: [sampledValue] }] },
}

/** JSON texts to stand in place of a value. */
const poisons = [
  'null', 'true', 'false', '0', '-1', '1.5', '1e999', '-1e999', '1e308', '9007199254740993', '-0', '2147483648', '""', '"x"', `"${'x'.repeat(600)}"`, `"${'\\u0000'.repeat(300)}"`, '"\\ud800"', '"\\u202e\\u0000\\r\\n"',
  '[]', '{}', '[1]', '[[]]', '{"a":1}', '{"__proto__":1}', '{"__proto__":{"x":1}}', '{"constructor":{"prototype":{"x":1}}}', '"__proto__"', '"constructor"', '"2026-13-45T99:99:99Z"', '"222222017-10-27T00:00:00Z"', '"NaN"', '"0x10"', '"Infinity"', '"-"', '"1,5"',
]
/** Names of fields that nobody knows. */
const strangers = ['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString', 'x', '', 'ConnectorId', 'a\\u0000b', 'idtag', '0']

/** Every one that the table refuses, in one fixed order. */
export function brokenPayloads(table: MessageTable): Broken[] {
  const found: Broken[] = []
  for (const [action, good] of Object.entries(goodRequests)) {
    const schema = table[action]?.request
    if (schema === undefined) throw new Error(`the message table has no ${action}`)
    if (!schema.safeParse(good).success) throw new Error(`the good ${action} is not good`)
    const offer = (how: string, text: string): void => {
      if (!schema.safeParse(JSON.parse(text)).success) found.push({ action, how, text })
    }
    for (const path of pathsOf(good)) {
      const name = path.join('.')
      for (const poison of poisons) offer(`${name} = ${poison.slice(0, 30)}`, withAt(good, path, poison))
      offer(`no ${name}`, withAt(good, path, null))
      // The last one counts.
      offer(`${name} twice`, withAt(good, path, '"x"').replace(/\}$/, `,${JSON.stringify(path[0])}:[]}`))
    }
    for (const stranger of strangers) offer(`a field "${stranger}"`, `${JSON.stringify(good).slice(0, -1)}${Object.keys(good).length === 0 ? '' : ','}"${stranger}":1}`)
    for (const whole of ['[]', '"x"', '17', 'true', '[{}]']) offer(`a payload ${whole}`, whole)
  }
  return found
}

type Path = readonly (string | number)[]

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return []
  const keys: (string | number)[] = Array.isArray(value) ? value.map((_, at) => at) : Object.keys(value)
  return keys.flatMap((key) => [[...path, key], ...pathsOf((value as Readonly<Record<string | number, unknown>>)[key], [...path, key])])
}

const mark = '@poison@'

/** The JSON text with another text at the path; null = without it. */
function withAt(value: unknown, path: Path, text: string | null): string {
  const copy = structuredClone(value) as Record<string | number, unknown>
  let at = copy
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>
  const last = path.at(-1)!
  if (text === null) {
    if (Array.isArray(at)) at.splice(Number(last), 1)
    else delete at[last]
    return JSON.stringify(copy)
  }
  at[last] = mark
  return JSON.stringify(copy).replace(JSON.stringify(mark), () => text)
}
