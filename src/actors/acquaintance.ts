// What is known of one charge point while it is spoken to: begins with its model, grows with its answers, is kept.
import { usualQuirks, type Quirks } from '../power/quirks.ts'
import { afterAnswer, isFresh, levelInUse, quirksIn, withoutModel, type Learnt } from './learnt.ts'
import type { Lore, ModelQuirks } from './lore.ts'
import { facetsOf, limitOf, shapeKey, type Facet, type ProfileRequest, type Shape } from './negotiation.ts'

/** No charge point has more levels: what is above is not told to others. */
const mostLevel = 1_000

export class Acquaintance {
  learnt: Learnt
  private readonly keep: (learnt: Learnt) => void
  private readonly lore: Lore | null
  /** The level of the profile that is being built; null = the one in use. */
  private trial: number | null = null
  /** Sent before this process began, with an answer that nobody heard: it may stand. */
  private inherited: number | undefined
  /** The level of the last profile that was accepted; null = none since its boot. */
  private acceptedAt: number | null = null

  constructor(learnt: Learnt, keep: (learnt: Learnt) => void, lore: Lore | null) {
    this.learnt = learnt
    this.inherited = learnt.inUse
    this.keep = keep
    this.lore = lore
  }

  get shape(): Shape {
    return { quirks: quirksIn(this.learnt), level: levelInUse(this.learnt) }
  }

  remember(learnt: Learnt): void {
    this.learnt = learnt
    this.keep(learnt)
  }

  /** A charge point that nothing is known of begins with what its model has taught; one that is another by now begins again. Is it to be asked anew? */
  begin(): boolean {
    const { lore, learnt: { model } } = this
    const renewed = model !== undefined && lore?.isAnother(model) === true
    if (lore !== null && (renewed || isFresh(this.learnt))) this.beginWith(lore.beginWithModel(), renewed ? withoutModel(this.learnt) : this.learnt)
    return renewed || this.learnt.stackLevel === null
  }

  private beginWith(found: ModelQuirks | null, before: Learnt): void {
    if (found === null && before === this.learnt) return
    const { id, quirks, stackLevel, maxPeriods } = found ?? { id: null, quirks: usualQuirks, stackLevel: null, maxPeriods: null }
    this.remember({ ...before, ...(id === null ? {} : { quirks, from: 'model', model: id }), ...(stackLevel === null ? {} : { modelLevel: stackLevel }), ...(maxPeriods === null ? {} : { maxPeriods }) })
    this.lore?.quirksLearnt(quirks)
  }

  /** For a profile that is about to be sent: from now on the level in use, unless it is a trial. */
  takeLevel(): number {
    if (this.trial !== null) return this.trial
    const level = levelInUse(this.learnt)
    if (this.learnt.inUse !== level) this.remember({ ...this.learnt, inUse: level })
    return level
  }

  /** Builds with the stack level of `shape`. */
  at<T>(shape: Shape, build: () => T): T {
    this.trial = shape.level === levelInUse(this.learnt) ? null : shape.level
    try {
      return build()
    } finally {
      this.trial = null
    }
  }

  /** What its answer to GetConfiguration says of itself. */
  hear(answer: Parameters<typeof afterAnswer>[1]): void {
    const before = quirksIn(this.learnt)
    const learnt = afterAnswer(this.learnt, answer)
    this.remember(learnt)
    const after = quirksIn(learnt)
    if (after !== before) this.lore?.quirksLearnt(after)
  }

  /** It has accepted this, or may have (`open`): at that level something of ours stands. `whole` = it leaves all its hardware. */
  hold(request: ProfileRequest, open: boolean, whole = false): void {
    const { stackLevel, chargingProfilePurpose } = request.csChargingProfiles
    if (!open) this.acceptedAt = stackLevel
    if (!open && this.learnt.pauseBefore !== undefined && limitOf(request) === 0) {
      const { pauseBefore: _, ...rest } = this.learnt
      this.remember(rest)
    }
    if (!whole && chargingProfilePurpose === 'ChargePointMaxProfile' && this.learnt.lowMax !== true) this.remember({ ...this.learnt, lowMax: true })
    const took: readonly Facet[] = open ? [] : facetsOf(request)
    const before = this.learnt.took ?? []
    const news = took.filter((facet) => !before.includes(facet))
    const standsAt = Math.max(this.learnt.standsAt ?? 0, stackLevel)
    if (news.length === 0 && standsAt === this.learnt.standsAt) return
    this.remember({ ...this.learnt, standsAt, ...(open ? {} : { took: [...before, ...news] }) })
    // Not its maximum alone: that says nothing about how a car is limited.
    if (news.includes('TxDefaultProfile')) this.teach(false)
  }

  /** The lowest level that nothing of others stands at or above, and nothing of ours above: at the same level ours takes the place of what was there. */
  lowestFree(): number {
    return Math.max(this.learnt.standsAt ?? 0, this.inherited ?? 0, (this.lore?.highestOfPeople() ?? -1) + 1)
  }

  /** From now on it gets its profiles so. */
  adopt({ quirks, level }: Shape): void {
    const before = this.shape
    if (shapeKey({ quirks, level }) === shapeKey(before)) return
    const { maxSet, pauseFound: _, ...rest } = this.learnt
    // On the last rung the car's limit takes the place of the maximum.
    const kept = maxSet === undefined || quirks.ladder === 'max-0' ? rest : { ...rest, maxSet }
    const found = quirks.pauseA > 0 && (this.learnt.pauseFound === true || before.quirks.pauseA === 0)
    this.remember({ ...kept, quirks, from: 'own', inUse: level, ...(level < before.level ? { stackLevel: level } : {}), ...(found ? { pauseFound: true } : {}) })
    this.lore?.quirksLearnt(quirks)
  }

  /** What its model has taught does not fit this one. */
  distrustModel(): boolean {
    const { learnt } = this
    const works = quirksIn(learnt).ladder === 'max-0' ? 'ChargePointMaxProfile' : 'TxDefaultProfile'
    if (learnt.from !== 'model' || (learnt.took ?? []).includes(works)) return false
    const { modelLevel, maxPeriods: _, inUse, ...rest } = learnt
    this.remember({ ...rest, quirks: usualQuirks, from: 'own', ...(inUse === undefined || inUse === modelLevel ? {} : { inUse }) })
    this.lore?.quirksLearnt(usualQuirks)
    return true
  }

  /** A pause is asked for as 0 once more, where only a refusal of that says otherwise. */
  doubtPause(): void {
    const { pauseFound, ...rest } = this.learnt
    const before = quirksIn(rest)
    if (pauseFound !== true || before.pauseA === 0) return
    this.pauseAt(0, { ...rest, pauseBefore: before.pauseA })
  }

  /** 0 was refused again: what was found out stays. False: there was no doubt. */
  restorePause(): boolean {
    const { pauseBefore, ...rest } = this.learnt
    if (pauseBefore === undefined) return false
    this.pauseAt(pauseBefore, { ...rest, pauseFound: true })
    return true
  }

  private pauseAt(pauseA: number, learnt: Learnt): void {
    const quirks: Quirks = { ...quirksIn(learnt), pauseA }
    this.remember({ ...learnt, quirks })
    this.lore?.quirksLearnt(quirks)
  }

  /** Its maximum goes with what others left there. */
  forgetMaximum(): void {
    const { maxSet: _, lowMax: __, ...rest } = this.learnt
    this.remember({ ...rest, maxA: null })
  }

  teach(negotiated: boolean): void {
    const { stackLevel } = this.learnt
    // What it says of its levels is no proof that it takes them.
    const proven = stackLevel !== null && stackLevel === this.acceptedAt && stackLevel <= mostLevel
    const model = this.lore?.taught(proven ? this.learnt : { ...this.learnt, stackLevel: null }, negotiated) ?? null
    if (model !== null && model !== this.learnt.model) this.remember({ ...this.learnt, model })
  }

  /** After a boot the level is chosen anew, where its profiles may be gone; its firmware may be another, so what it took proves nothing. */
  reboot(keepsProfiles: boolean): void {
    const { inUse, took: _, standsAt, ...rest } = this.learnt
    this.acceptedAt = null
    if (!keepsProfiles) this.inherited = undefined
    this.remember({
      ...rest, maxA: null, oldTransactions: this.lore?.running() ?? [], ...(isFresh(this.learnt) ? {} : { met: true }),
      ...(keepsProfiles && inUse !== undefined ? { inUse } : {}), ...(keepsProfiles && standsAt !== undefined ? { standsAt } : {}),
    })
  }

  /** Its profiles may be gone, and all go out once more; what it takes is known as before. */
  resend(): void {
    const { inUse: _, ...rest } = this.learnt
    this.remember({ ...rest, maxA: null })
  }

  /** It was left to itself: met again, it is met for the first time. */
  part(): void {
    const { clearedForeign: _, took: __, ...rest } = this.learnt
    this.remember({ ...rest, maxA: null, ...(isFresh(this.learnt) ? {} : { met: true }) })
  }
}
