// The ChargePointMaxProfile of one charge point at all its hardware: told at first contact and after boots, and again after the last rung held it lower.
import type { Session } from '../protocol/session.ts'
import type { Acquaintance } from './acquaintance.ts'
import type { LinkOptions } from './link-options.ts'
import type { ProfileRequest } from './negotiation.ts'
import { maxProfileRequest } from './translate.ts'
import { statusOf } from './verdict.ts'

/** How often it is looked whether a maximum that was held low can go back, and tried. */
const lookMs = 10_000
const tryMs = 60_000

/** All the hardware of a charge point, A and W; `direct` = it has DC connectors, to which watts say more. */
export interface Most { readonly maxA: number; readonly maxW: number | undefined; readonly direct: boolean }

export class Maximum {
  private readonly known: Acquaintance
  private readonly options: LinkOptions
  /** All its hardware; null = it was never joined. */
  private most: Most | null = null
  private looking = false
  /** Lower than the hardware for a charger that disobeys, and what of that was told; null = it is not held. */
  private held: { readonly limitA: number; told: boolean } | null = null

  constructor(known: Acquaintance, options: LinkOptions) {
    this.known = known
    this.options = options
  }

  /** Where what it was told is not its hardware; one that is held low waits until limits stand elsewhere. */
  tell(session: Session, most: Most, isOn: () => boolean): void {
    this.most = most
    if (this.held !== null) {
      this.held.told = false
      return this.keep(session, isOn)
    }
    if (this.known.learnt.lowMax === true) return this.watch(session, isOn, 0)
    if (this.known.learnt.maxA !== most.maxA) this.send(session, isOn)
  }

  /** From now on it is this, A; null = its hardware again. */
  hold(limitA: number | null): void {
    if (limitA !== this.held?.limitA) this.held = limitA === null ? null : { limitA, told: false }
  }

  /** Tells what is held, once; a restart finds it written that a maximum stands low. */
  keep(session: Session, isOn: () => boolean): void {
    if (this.held === null) return this.watch(session, isOn, 0)
    if (this.held.told || this.most === null || this.known.shape.quirks.ladder === 'max-0') return
    this.held.told = true
    if (this.known.learnt.lowMax !== true) this.known.remember({ ...this.known.learnt, lowMax: true })
    this.send(session, isOn)
  }

  /** A maximum that was refused as it was goes out once more in the shape that is taken. */
  tellAgain(session: Session, isOn: () => boolean): void {
    if (this.known.learnt.lowMax !== true && this.known.learnt.maxSet?.status !== 'Accepted') this.send(session, isOn)
  }

  /** Lifts a maximum that is held low, once something else limits every connector. */
  watch(session: Session, isOn: () => boolean, delayMs = lookMs): void {
    if (this.looking || this.options.lore === undefined || this.known.learnt.lowMax !== true) return
    this.looking = true
    this.options.lore.later(delayMs, () => {
      this.looking = false
      if (!isOn() || this.held !== null || this.known.learnt.lowMax !== true || this.known.shape.quirks.ladder === 'max-0') return
      const isDue = this.options.lore?.fallbackStands() === true
      if (isDue) this.send(session, isOn)
      this.watch(session, isOn, isDue ? tryMs : lookMs)
    })
  }

  private send(session: Session, isOn: () => boolean): void {
    this.call(session, isOn).catch((error: unknown) => this.options.refused('ChargePointMaxProfile', error instanceof Error ? error.message : String(error)))
  }

  private async call(session: Session, isOn: () => boolean): Promise<void> {
    const { most, known, options } = this
    // There the car's limit stands in its place.
    const mayLeave = () => isOn() && known.shape.quirks.ladder !== 'max-0'
    if (most === null || !mayLeave()) return
    const { held } = this
    const share = held === null ? 1 : Math.min(1, held.limitA / most.maxA)
    let request: ProfileRequest | null = null
    const outcome = await session.call('SetChargingProfile', () => {
      if (!mayLeave()) return null
      request = maxProfileRequest(most.maxA * share, known.takeLevel(), options.wall(), (most.direct || options.quirks().unit === 'W') && most.maxW !== undefined ? most.maxW * share : undefined)
      return request
      // Back up only while the site is surely ours.
    }, { priority: 0, lowers: held !== null || known.learnt.lowMax !== true })
    if (request === null || outcome.type === 'dropped') return
    const status = outcome.type === 'result' ? statusOf(outcome.payload) : outcome.type === 'error' ? outcome.code : null
    if (status === null || status === 'Accepted') known.hold(request, status === null, held === null)
    if (status === null) return
    const { lowMax, maxHeldA: _, ...rest } = known.learnt
    // The last rung may have been taken up again meanwhile.
    const low = lowMax === true && (held !== null || status !== 'Accepted' || known.shape.quirks.ladder === 'max-0')
    known.remember({ ...rest, maxA: most.maxA, maxSet: { atMs: options.wall(), status }, ...(held === null ? {} : { maxHeldA: held.limitA }), ...(low ? { lowMax: true } : {}) })
  }
}
