// The outgoing side of a connection: one CALL outstanding, the rest queued by priority, every one ending in exactly one outcome.
import type { Clock } from '../clock.ts'
import type { Frame } from './frames.ts'
import { writeCall } from './frames.ts'
import { compose, judgeResponse } from './judge.ts'
import type { Counters, Limits, Log } from './ports.ts'
import type { CallOptions, CallOutcome } from './session.ts'

export interface OutboxOptions {
  readonly clock: Clock
  readonly limits: Limits
  readonly counters: Counters
  readonly log: Log
  /** As whom we send. */
  readonly as: 'station' | 'central'
  nextId(): string
  /** False: it is dropped, and nobody builds it. Absent: everything may. */
  mayLeave?(action: string, lowers: boolean): boolean
  /** False when the frame did not leave because the connection is over. */
  send(text: string): boolean
  /** When anything was received last, by `clock.mono()`; now, while we do not read. */
  heardAt(): number
  /** A CALL got less than the usual time: from now on it matters whether the peer is there at all. */
  hurried(): void
  /**
   * A CALL timed out; how many since the last answer say that nobody listens: unanswered for the full CALL time-out, or
   * with nothing at all received since they were sent. One cut short says nothing about a charge point that is slow.
   */
  timedOut(unheard: number): void
}

interface Waiting {
  readonly action: string
  readonly priority: 0 | 1 | 2
  readonly options: CallOptions
  build(): unknown
  resolve(outcome: CallOutcome): void
  reject(cause: unknown): void
}

interface Outstanding {
  readonly id: string
  readonly call: Waiting
  readonly sentAt: number
  cancelTimer: () => void
  deadline: number
  /** Has less than the usual time. */
  cut: boolean
}

interface Late { readonly action: string; readonly onLate: CallOptions['onLate'] }

interface Unanswered {
  readonly sentAt: number
  /** It had its full time, or nothing at all was received meanwhile. */
  readonly unheard: boolean
}

type Answer = Extract<Frame, { type: 'result' | 'error' }>

export class Outbox {
  private readonly options: OutboxOptions
  readonly queues: [Waiting[], Waiting[], Waiting[]] = [[], [], []]
  private readonly late = new Map<string, Late>()
  private outstanding: Outstanding | undefined
  private pumping = false
  private stopped = false
  /** Timed out since the last answer. */
  private unanswered: Unanswered[] = []

  constructor(options: OutboxOptions) {
    this.options = options
  }

  /** See `Session.call`. */
  call(action: string, build: () => unknown, options: CallOptions = {}): Promise<CallOutcome> {
    return new Promise((resolve, reject) => {
      const call: Waiting = { action, priority: options.priority ?? 2, options, build, resolve, reject }
      if (this.stopped) return this.drop(call, 'closed')
      if (!this.makeRoom(call.priority)) return this.drop(call, 'queue-full')
      this.queues[call.priority].push(call)
      if (call.priority === 0) this.hurry()
      this.pump()
    })
  }

  /** True when the answer belonged to a CALL of ours, in time or late. */
  answered(answer: Answer): boolean {
    const { counters } = this.options
    const current = this.outstanding
    if (current?.id === answer.id) {
      this.finish(current, this.judge(current.call.action, answer))
      return true
    }
    const late = this.late.get(answer.id)
    if (late === undefined) return false
    this.late.delete(answer.id)
    counters.lateAnswers++
    this.unanswered = []
    const outcome = this.judge(late.action, answer)
    this.guard('onLate', () => late.onLate?.(outcome))
    return true
  }

  /** An answer to `id` came that cannot be read. True when it was ours. */
  garbled(id: string, description: string): boolean {
    return this.answered({ type: 'error', id, code: 'FormationViolation', description })
  }

  /** Ends everything: what was sent is `disconnected`, what was not is `dropped`. */
  stop(): void {
    this.stopped = true
    this.late.clear()
    const { outstanding } = this
    this.outstanding = undefined
    outstanding?.cancelTimer()
    outstanding?.call.resolve({ type: 'disconnected' })
    for (const queue of this.queues) for (const call of queue.splice(0)) this.drop(call, 'closed')
  }

  private drop(call: Waiting, reason: 'queue-full' | 'closed' | 'withdrawn' | 'not-owner'): void {
    if (reason !== 'withdrawn') this.options.counters.dropped++
    call.resolve({ type: 'dropped', reason })
  }

  private makeRoom(priority: 0 | 1 | 2): boolean {
    const [urgent, normal, idle] = this.queues
    if (urgent.length + normal.length + idle.length < this.options.limits.outgoingQueue) return true
    const victim = priority === 0 ? idle.pop() ?? normal.pop() : undefined
    if (victim === undefined) return false
    this.drop(victim, 'queue-full')
    return true
  }

  private pump(): void {
    if (this.pumping) return
    this.pumping = true
    while (this.outstanding === undefined && !this.stopped) {
      const [urgent, normal, idle] = this.queues
      const call = urgent.shift() ?? normal.shift() ?? idle.shift()
      if (call === undefined) break
      this.launch(call)
    }
    this.pumping = false
  }

  private launch(call: Waiting): void {
    const { clock, limits, counters, as } = this.options
    if (this.options.mayLeave?.(call.action, call.options.lowers === true) === false) return this.drop(call, 'not-owner')
    const id = this.options.nextId()
    let text: string
    try {
      const payload = call.build()
      if (payload === null) return this.drop(call, 'withdrawn')
      text = writeCall(id, call.action, compose(call.action, 'request', payload, as))
    } catch (cause) {
      return call.reject(cause)
    }
    if (this.stopped || !this.options.send(text)) return this.drop(call, 'closed')
    counters.callsOut++
    const sentAt = clock.mono()
    const timeoutMs = Math.min(call.options.timeoutMs ?? limits.callTimeoutMs, this.queues[0].length > 0 ? limits.urgentTimeoutMs : Infinity)
    const outstanding: Outstanding = { id, call, sentAt, deadline: sentAt + timeoutMs, cut: timeoutMs < limits.callTimeoutMs, cancelTimer: () => undefined }
    this.outstanding = outstanding
    this.arm(outstanding)
    if (outstanding.cut) this.options.hurried()
    this.guard('onSent', () => call.options.onSent?.())
  }

  private arm(outstanding: Outstanding): void {
    outstanding.cancelTimer()
    outstanding.cancelTimer = this.options.clock.after(outstanding.deadline - this.options.clock.mono(), () => this.expire(outstanding))
  }

  /** A lowering waits behind the outstanding CALL: that one has until `urgentTimeoutMs` after its sending, no longer. */
  private hurry(): void {
    const current = this.outstanding
    if (current === undefined) return
    const deadline = current.sentAt + this.options.limits.urgentTimeoutMs
    if (deadline >= current.deadline) return
    current.deadline = deadline
    current.cut = true
    this.options.hurried()
    if (deadline <= this.options.clock.mono()) this.expire(current)
    else this.arm(current)
  }

  private expire(outstanding: Outstanding): void {
    if (this.outstanding !== outstanding) return
    const { counters, limits } = this.options
    counters.timeOuts++
    this.late.set(outstanding.id, { action: outstanding.call.action, onLate: outstanding.call.options.onLate })
    const oldest = this.late.keys().next()
    if (this.late.size > limits.lateAnswers && !oldest.done) this.late.delete(oldest.value)
    const { sentAt, cut } = outstanding
    this.unanswered.push({ sentAt, unheard: !cut || this.options.heardAt() <= sentAt })
    if (this.unanswered.length > limits.lateAnswers) this.unanswered.shift()
    const longAgo = this.options.clock.mono() - limits.callTimeoutMs
    const unheard = this.unanswered.filter((each) => each.unheard || each.sentAt <= longAgo).length
    outstanding.cancelTimer()
    this.outstanding = undefined
    this.tell(outstanding.call, { type: 'timed-out' })
    this.options.timedOut(unheard)
    this.pump()
  }

  private finish(outstanding: Outstanding, outcome: CallOutcome): void {
    this.unanswered = []
    outstanding.cancelTimer()
    this.outstanding = undefined
    this.tell(outstanding.call, outcome)
    this.pump()
  }

  /** What follows from it may queue more, and nothing of that leaves before it is all known. */
  private tell(call: Waiting, outcome: CallOutcome): void {
    const { pumping } = this
    this.pumping = true
    this.guard('onEnd', () => call.options.onEnd?.(outcome))
    this.pumping = pumping
    call.resolve(outcome)
  }

  private judge(action: string, answer: Answer): CallOutcome {
    const { counters, log } = this.options
    if (answer.type === 'error') {
      counters.callErrorsReceived++
      return { type: 'error', code: answer.code, description: answer.description }
    }
    const judged = judgeResponse(action, answer.payload)
    if (!judged.ok) {
      counters.invalidAnswers++
      log.warn({ action, code: judged.code, description: judged.description }, 'invalid answer')
      return { type: 'error', code: judged.code, description: `invalid answer: ${judged.description}` }
    }
    if (judged.faults.length > 0) {
      counters.softFaults += judged.faults.length
      log.warn({ action, faults: judged.faults }, 'let through in spite of faults')
    }
    return { type: 'result', payload: judged.value }
  }

  private guard(what: string, run: () => void): void {
    try {
      run()
    } catch (cause) {
      this.options.log.error({ err: cause }, `${what} failed`)
    }
  }
}
