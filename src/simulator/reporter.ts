// The speaking part of a simulated charge point: boot, status, transactions and meter values out; CALLs in, answers back.
import { readFrame, writeCall, writeError, writeResult } from '../protocol/frames.ts'
import { judge } from '../protocol/judge.ts'
import { isErrorCode } from '../protocol/errors.ts'
import type { CentralAction, RequestOf, SampledValue } from '../protocol/messages/index.ts'
import { createAnswers } from './answers.ts'
import type { Behaviour } from './behaviours.ts'
import type { ChargePointSetup } from './charge-point.ts'
import type { Configuration } from './configuration.ts'
import { sampledValues } from './meter-values.ts'
import { createOutbox } from './outbox.ts'
import { batteryV, phasesInUse, wattsPerA, type Outlet, type OutletTransaction } from './outlet.ts'
import type { ProfileDesk } from './profile-desk.ts'
import { between } from './random.ts'

export interface ReporterOptions {
  readonly setup: ChargePointSetup
  readonly outlets: readonly Outlet[]
  readonly configuration: Configuration
  readonly profiles: ProfileDesk
  readonly behaviour: () => Behaviour
  readonly isSilent: () => boolean
  readonly reboot: () => void
  readonly step: () => void
}

export type Reporter = ReturnType<typeof createReporter>
type Send = (text: string) => void
type StopReason = NonNullable<RequestOf<'StopTransaction'>['reason']>

const thinkFromMs = 50
const thinkToMs = 400
/** How often to look again while sampling is switched off. */
const idleSampleS = 60

/** Everything it says waits until the boot is accepted; transaction messages wait through outages too. */
export function createReporter(options: ReporterOptions) {
  const { setup, outlets, configuration, profiles, behaviour, isSilent, step } = options
  const { clock, random } = setup
  let booted = false
  let stopped = false
  let lineNumber = 0
  let nextID = 0
  let cancelHeartbeat: (() => void) | null = null
  let cancelBoot: (() => void) | null = null

  const outbox = createOutbox({
    clock,
    nextID: () => `${setup.id.slice(0, 20)}-${++nextID}`,
    allowed: (action) => booted || action === 'BootNotification',
    notAccepted() { booted = false; boot() },
  })
  const answers = createAnswers({
    outlets, profiles, configuration,
    startTransaction(outlet, idTag, profile) {
      if (outlet.transaction === null && outlet.car !== null) begin(outlet, idTag, profile)
    },
    stopTransaction(outlet, reason) { if (outlet.transaction !== null) { end(outlet, reason); step() } },
    reboot: options.reboot,
    reportBoot: boot,
    reportHeartbeat: heartbeat,
    reportStatus: (connectorId) => { for (const id of connectorId === undefined ? [0, ...outlets.map((each) => each.id)] : [connectorId]) reportStatus(id) },
    reportMeter: (connectorId) => { for (const outlet of outlets) if ((connectorId ?? outlet.id) === outlet.id) reportMeter(outlet, outlet.transaction, 'Trigger') },
  }, (fn) => { clock.after(1, fn) })

  const timestamp = (wallMs = clock.wall()) => new Date(wallMs + (behaviour().clockAheadMs ?? 0)).toISOString()

  function boot(): void {
    cancelBoot?.()
    cancelBoot = null
    outbox.pushFirst({
      action: 'BootNotification', kept: false,
      build: () => ({ chargePointVendor: 'kwota', chargePointModel: 'Simulated', chargePointSerialNumber: setup.id.slice(0, 25), firmwareVersion: '1.0' }),
      answered(answer) {
        const conf = 'payload' in answer ? answer.payload : { status: 'Rejected' as const, interval: 10 }
        if (conf.status !== 'Accepted') {
          cancelBoot = clock.after(Math.max(1, conf.interval || 10) * 1000, boot)
          return
        }
        booted = true
        if (conf.interval > 0) configuration.set('HeartbeatInterval', conf.interval)
        for (const id of [0, ...outlets.map((each) => each.id)]) reportStatus(id)
        armHeartbeat()
        outbox.resume()
      },
    })
  }

  function heartbeat(): void {
    outbox.push({ action: 'Heartbeat', kept: false, build: () => ({}) })
  }

  function armHeartbeat(): void {
    cancelHeartbeat?.()
    const everyS = configuration.seconds('HeartbeatInterval')
    cancelHeartbeat = everyS === 0 ? null : clock.after(everyS * 1000, () => { heartbeat(); armHeartbeat() })
  }

  function reportStatus(connectorId: number): void {
    const outlet = outlets.find((each) => each.id === connectorId)
    outbox.push({
      action: 'StatusNotification', kept: false,
      build: () => ({ connectorId, errorCode: 'NoError', status: outlet?.status ?? 'Available', timestamp: timestamp() }),
    })
  }

  function begin(outlet: Outlet, idTag: string, profile?: RequestOf<'RemoteStartTransaction'>['chargingProfile']): void {
    step()
    const transaction: OutletTransaction = { id: null, startedMs: clock.wall(), meterStartWh: Math.round(outlet.registerWh), idTag }
    outlet.transaction = transaction
    const request = { connectorId: outlet.id, idTag, meterStart: transaction.meterStartWh, timestamp: timestamp(transaction.startedMs) }
    for (let copies = behaviour().repeatsStartTransaction === true ? 2 : 1; copies > 0; copies--) {
      outbox.push({
        action: 'StartTransaction', kept: true, build: () => request,
        answered(answer) {
          if (!('payload' in answer) || transaction.id !== null) return
          transaction.id = answer.payload.transactionId
          setup.tell({ type: 'transaction-started', connectorId: outlet.id, transactionId: transaction.id })
          if (answer.payload.idTagInfo.status !== 'Accepted' && outlet.transaction === transaction) return end(outlet, 'DeAuthorized')
          if (profile !== undefined) profiles.set(outlet.id, { ...profile, transactionId: transaction.id })
        },
      })
    }
    step()
    armSample(outlet, transaction)
  }

  function end(outlet: Outlet, reason: StopReason): void {
    const { transaction } = outlet
    if (transaction === null) return
    step()
    outlet.transaction = null
    outlet.finishing = true
    profiles.endTransaction(outlet)
    const stop = { meterStop: Math.round(outlet.registerWh), timestamp: timestamp(), reason }
    outbox.push({
      action: 'StopTransaction', kept: true,
      build: () => transaction.id === null ? null : { ...stop, transactionId: reported(transaction), idTag: transaction.idTag },
    })
    setup.tell({ type: 'transaction-stopped', connectorId: outlet.id, transactionId: transaction.id })
  }

  const reported = (transaction: OutletTransaction) => behaviour().reportsTransactionZero === true ? 0 : transaction.id ?? 0

  function armSample(outlet: Outlet, transaction: OutletTransaction): void {
    const everyS = configuration.seconds('MeterValueSampleInterval')
    const everyMs = (everyS || idleSampleS) * 1000
    const sinceMs = setup.samplePhase === undefined ? 0 : (clock.wall() - setup.samplePhase * everyMs) % everyMs
    clock.after(everyMs - sinceMs, () => {
      if (outlet.transaction !== transaction || stopped) return
      if (everyS > 0) reportMeter(outlet, transaction, 'Sample.Periodic')
      armSample(outlet, transaction)
    })
  }

  function reportMeter(outlet: Outlet, transaction: OutletTransaction | null, context: NonNullable<SampledValue['context']>): void {
    const { meter } = behaviour()
    if (meter === 'none') return
    step()
    const currentA = outlet.car?.currentA ?? 0
    const direct = outlet.direct === null ? {} : { direct: { powerW: currentA * wattsPerA(outlet, setup.voltage, behaviour()), batteryV } }
    const reading = { currentA, phases: phasesInUse(outlet, behaviour()), voltage: setup.voltage, registerWh: outlet.registerWh, ...direct }
    const meterValue = [{ timestamp: timestamp(), sampledValue: sampledValues(reading, context, meter) }]
    outbox.push({
      action: 'MeterValues', kept: transaction !== null,
      build: () => ({ connectorId: outlet.id, ...(transaction === null || transaction.id === null ? {} : { transactionId: reported(transaction) }), meterValue }),
    })
  }

  function answerCall(id: string, action: string, payload: unknown, send: Send): void {
    const line = lineNumber
    if (isSilent()) return overhear(action, payload)
    clock.after(between(random, thinkFromMs, thinkToMs), () => {
      if (line !== lineNumber || isSilent()) return
      const text = respond(id, action, payload)
      const delayMs = behaviour().answerDelayMs ?? 0
      if (delayMs === 0) send(text)
      else clock.after(delayMs, () => { if (line === lineNumber) send(text) })
    })
  }

  function overhear(action: string, payload: unknown): void {
    const judged = judge(action, payload, { from: 'central', strict: true })
    if (!judged.ok || action !== 'SetChargingProfile') return
    const request = judged.value as RequestOf<'SetChargingProfile'>
    profiles.overhear(request.connectorId, request.csChargingProfiles)
  }

  function respond(id: string, action: string, payload: unknown): string {
    const judged = judge(action, payload, { from: 'central', strict: true })
    if (!judged.ok) return writeError(id, judged.code, judged.description)
    const answer = decide(action as CentralAction, judged.value)
    if ('errorCode' in answer) return writeError(id, isErrorCode(answer.errorCode) ? answer.errorCode : 'InternalError', answer.description)
    return writeResult(id, answer)
  }

  function decide<A extends CentralAction>(action: A, payload: unknown) {
    // Judged by the same table the types come from.
    return answers[action](payload as RequestOf<A>)
  }

  /** Asks first where it can; offline it starts on its own authority. */
  function present(outlet: Outlet, idTag: string): void {
    const wanted = () => outlet.car !== null && outlet.transaction === null
    if (!outbox.isOpen || !booted) return begin(outlet, idTag)
    outbox.push({
      action: 'Authorize', kept: false, build: () => wanted() ? { idTag } : null,
      answered(answer) { if ('payload' in answer && answer.payload.idTagInfo.status === 'Accepted' && wanted()) begin(outlet, idTag) },
    })
  }

  return {
    present, begin, end, reportStatus,
    /** A line is there, or can be spoken on again. */
    lineOpened(send: Send) {
      if (isSilent()) return
      outbox.open((id, action, payload) => send(writeCall(id, action, payload)))
      if (!booted) boot()
      else for (const outlet of outlets) {
        reportStatus(outlet.id)
        if (outlet.car !== null && outlet.transaction === null && !outlet.finishing) present(outlet, setup.idTag)
      }
    },
    lineClosed() {
      lineNumber++
      cancelBoot?.()
      cancelBoot = null
      outbox.close()
    },
    received(text: string, send: Send) {
      const frame = readFrame(text)
      if (frame.type === 'call') answerCall(frame.id, frame.action, frame.payload, send)
      else if (isSilent()) return
      else if (frame.type === 'result') outbox.settle(frame.id, { payload: frame.payload })
      else if (frame.type === 'error') outbox.settle(frame.id, { errorCode: frame.code })
    },
    /** The next line begins with a boot. */
    unbooted() {
      booted = false
      cancelHeartbeat?.()
    },
    stop() {
      stopped = true
      cancelHeartbeat?.()
      cancelBoot?.()
      outbox.close()
    },
  }
}
