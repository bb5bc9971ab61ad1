// Who carries the frames of one charge point, and does what networks and bad firmware do: keeps some back, sends some twice, loses answers, loses stops.
import type { Clock } from '../../src/clock.ts'
import type { RequestOf } from '../../src/protocol/messages/index.ts'
import type { Dial, Line, LineEnds } from '../../src/simulator/link.ts'
import { between } from '../../src/simulator/random.ts'
import { createRegister, rewrite, withData, type Register } from './meter-speech.ts'
import type { Mischief } from './mischief.ts'

export interface Courier {
  readonly dial: Dial
  /** From now on everything arrives, also what was kept. */
  heal(): void
  /** What could be lost with an answer that was given is not let through for so long: readings and statuses. */
  hold(forMs: number): void
  /** Frames that still wait to be delivered. */
  readonly waiting: number
}

interface Session { readonly start: RequestOf<'StartTransaction'>; readonly register: Register; readonly collected: RequestOf<'MeterValues'>[] }
interface Parcel { readonly action: string; readonly payload: object; readonly fromMs: number }

/** After a new line, and after what was not taken. */
const restMs = 5_000
const retryMs = 60_000
const minuteMs = 60_000
const kept: ReadonlySet<string> = new Set(['StartTransaction', 'MeterValues', 'StopTransaction'])

export function createCourier(options: { readonly clientID: string; readonly clock: Clock; readonly dial: Dial; readonly mischief: Mischief }): Courier {
  const { clientID, clock, mischief: { random, meter, ...mischief } } = options
  const sessions = new Map<number, Session>()
  const started = new Map<string, Session>()
  const transactions = new Map<number, Session>()
  const starting = new Map<string, Session>()
  const deaf = new Set<string>()
  let parcels: Parcel[] = []
  let carrying: { readonly id: string; readonly parcel: Parcel; readonly cancel: () => void } | null = null
  let line: Line | null = null
  let ends: LineEnds | null = null
  let [ids, heldUntilMs, healed] = [0, 0, false]
  const chance = (part: number) => !healed && random() < part

  function keep(action: string, payload: object, afterMs: number): void {
    // Not in the order in which they were kept.
    parcels.splice(between(random, 0, parcels.length), 0, { action, payload, fromMs: clock.mono() + afterMs })
    clock.after(afterMs, carry)
  }

  function carry(): void {
    if (line === null || carrying !== null) return
    const parcel = parcels.find(({ fromMs }) => healed || fromMs <= clock.mono())
    if (parcel === undefined) return
    const id = `k-${++ids}`
    parcels = parcels.filter((one) => one !== parcel)
    carrying = { id, parcel, cancel: clock.after(retryMs, dropped) }
    line.send(JSON.stringify([2, id, parcel.action, parcel.payload]))
  }

  function dropped(): void {
    if (carrying === null) return
    carrying.cancel()
    parcels.push({ ...carrying.parcel, fromMs: clock.mono() })
    carrying = null
    clock.after(restMs, carry)
  }

  const acknowledge = (id: string, payload: object) => void clock.after(20, () => ends?.received(JSON.stringify([3, id, payload])))

  function sendUp(text: string): void {
    const [type, id, action, payload] = JSON.parse(text) as [number, string, string, object]
    if (type !== 2) return line?.send(text)
    const loses = clock.mono() < heldUntilMs && (action === 'MeterValues' || action === 'StatusNotification')
    if (loses) return
    if (action === 'MeterValues') return sendReadings(id, payload as RequestOf<'MeterValues'>)
    if (action === 'StopTransaction') return sendStop(id, payload as RequestOf<'StopTransaction'>)
    if (action === 'StartTransaction') begin(id, payload as RequestOf<'StartTransaction'>)
    forward(id, action, payload)
  }

  function begin(id: string, start: RequestOf<'StartTransaction'>): void {
    const key = JSON.stringify(start)
    const session = started.get(key) ?? { start, register: createRegister(mischief.registerFaultOf(start.timestamp), start.meterStart), collected: [] }
    started.set(key, session)
    sessions.set(start.connectorId, session)
    starting.set(id, session)
  }

  function forward(id: string, action: string, payload: object): void {
    if (chance(mischief.unanswered)) deaf.add(id)
    line?.send(JSON.stringify([2, id, action, payload]))
    if (!kept.has(action) || !chance(mischief.repeated)) return
    if (random() < 0.4) line?.send(JSON.stringify([2, id, action, payload]))
    else keep(action, payload, between(random, 0, 20 * minuteMs))
  }

  function sendReadings(id: string, request: RequestOf<'MeterValues'>): void {
    const session = sessions.get(request.connectorId)
    if (session === undefined || request.transactionId === undefined) return forward(id, 'MeterValues', request)
    const said = rewrite(request, meter, session.register)
    if (meter === 'in-the-stop') {
      if (!session.collected.some((one) => JSON.stringify(one) === JSON.stringify(said))) session.collected.push(said)
      return acknowledge(id, {})
    }
    if (mischief.losesItsClock && chance(0.1)) {
      return forward(id, 'MeterValues', { ...said, meterValue: said.meterValue.map((one) => ({ ...one, timestamp: '1970-01-01T00:00:09Z' })) })
    }
    if (!chance(mischief.keptBack)) return forward(id, 'MeterValues', said)
    keep('MeterValues', said, between(random, minuteMs, 70 * minuteMs))
    acknowledge(id, {})
  }

  function sendStop(id: string, request: RequestOf<'StopTransaction'>): void {
    const session = transactions.get(request.transactionId)
    if (session === undefined) return forward(id, 'StopTransaction', request)
    const honest = { ...request, meterStop: session.register.atStop(request.meterStop) }
    const stop = meter === 'in-the-stop' ? withData(honest, session.start, session.collected) : honest
    if (mischief.stopsAgain) keep('StopTransaction', { ...honest, meterStop: honest.meterStop + 500 }, 10 * minuteMs)
    if (!mischief.stopComesLate || healed) return forward(id, 'StopTransaction', stop)
    keep('StopTransaction', stop, between(random, 20 * minuteMs, 80 * minuteMs))
    acknowledge(id, { idTagInfo: { status: 'Accepted' } })
  }

  function sendDown(text: string): void {
    const [type, id, answer] = JSON.parse(text) as [number, string, { transactionId?: number }]
    if (type === 2) return ends?.received(text)
    if (id === carrying?.id) {
      if (type === 4) return dropped()
      carrying.cancel()
      carrying = null
      return carry()
    }
    const session = starting.get(id)
    if (type === 3 && session !== undefined && answer.transactionId !== undefined) transactions.set(answer.transactionId, session)
    if (!deaf.delete(id)) ends?.received(text)
  }

  return {
    dial: (_, stationEnds) => options.dial(clientID, {
      opened(open) {
        line = open
        ends = stationEnds
        clock.after(restMs, carry)
        stationEnds.opened({ send: sendUp, close: () => open.close() })
      },
      received: sendDown,
      closed() {
        line = null
        dropped()
        stationEnds.closed()
      },
    }),
    heal() { healed = true; carry() },
    hold(forMs) { heldUntilMs = clock.mono() + forMs },
    get waiting() { return parcels.length + (carrying === null ? 0 : 1) },
  }
}
