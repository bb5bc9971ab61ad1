// Broken rules of proof, calm, silence and fallbacks, each named by a file of its own: what that must notice.
import type { ScenarioMutant } from './of-scenarios.ts'

export const silenceMutants: readonly ScenarioMutant[] = [
  {
    id: 'low-draws-prove-lowerings', breaks: 'any sample at or below the new limit proves a lowering',
    file: 'power/samples.js', find: 'const fell = settling.sawAbove &&', replace: 'const fell =',
    fails: ['i2-low-all-along-proves-nothing.yaml'],
  },
  {
    id: 'falls-prove-nothing', breaks: 'only time proves a lowering',
    file: 'power/samples.js', find: 'const fell = settling.sawAbove &&', replace: 'const fell = false &&',
    fails: ['i2-a-fall-proves-a-lowering.yaml'],
  },
  {
    id: 'strangers-are-fed-at-once', breaks: 'the others give way for who has only just come',
    file: 'power/stuck.js', find: 'export const unansweredMs = 5_000', replace: 'export const unansweredMs = 0',
    fails: ['i5-first-contact.yaml'],
  },
  {
    id: 'leases-end-on-time', breaks: 'a lease frees what it held the moment it ends',
    file: 'power/ledger.js', find: 'export const leaseMarginMs = 60_000', replace: 'export const leaseMarginMs = 0',
    fails: ['i5-a-lease-ends.yaml'],
  },
  {
    id: 'every-lease-is-believed', breaks: 'a lease counts although nobody has proven it',
    file: 'power/ledger.js', find: 'row.obeysLease && row.quirks.lease', replace: 'row.quirks.lease',
    fails: ['i5-a-lease-is-not-believed.yaml'],
  },
  {
    id: 'every-clock-is-right', breaks: 'a lease is believed by any clock',
    file: 'actors/engine.js', find: 'const trustedSkewMs = 30_000', replace: 'const trustedSkewMs = Infinity',
    fails: ['i5-a-lease-by-a-wrong-clock.yaml'],
  },
  {
    id: 'every-reboot-forgets', breaks: 'profiles count as lost after every reboot',
    file: 'power/booking.js', find: 'return fact.keepsProfiles ? row :', replace: 'return',
    fails: ['i5-a-reboot-keeps-profiles.yaml'],
  },
  {
    id: 'no-reboot-forgets', breaks: 'profiles count as kept after every reboot',
    file: 'power/booking.js', find: 'return fact.keepsProfiles ? row :', replace: 'return true ? row :',
    fails: ['i5-a-reboot-forgets-profiles.yaml'],
  },
  {
    id: 'busy-fallbacks-go-first', breaks: 'fallbacks of connectors in use are lowered first',
    file: 'power/fallbacks.js', find: 'charges(line.place) || !helps', replace: '!charges(line.place) || !helps',
    fails: ['i6-idle-fallbacks-go-first.yaml'],
  },
  {
    id: 'nothing-is-unenforceable', breaks: 'a limit that cannot be had is as good as kept',
    file: 'power/plan.js', find: 'deficitA > 0 ?', replace: 'deficitA > Infinity ?',
    fails: ['i6-a-fallback-out-of-reach.yaml'],
  },
  {
    id: 'fallbacks-leave-no-minimum', breaks: 'a fallback is kept whatever it leaves a car that charges',
    file: 'power/fallbacks.js', find: 'place.priority < fromClass ? 0 : leastA(place)', replace: '0',
    fails: ['i6-a-fallback-gives-way-to-a-minimum.yaml'],
  },
  {
    id: 'cars-leave-their-fallback', breaks: 'the fallback of a car is shared out while the car is there',
    file: 'power/participant.js', find: 'floorA: Math.max(fallbackA, lowestA(place))', replace: 'floorA: 0',
    fails: ['ledger-a-fallback-is-kept-under-a-lower-share.yaml'],
  },
  {
    id: 'profiles-outlive-their-transaction', breaks: 'a TxProfile counts after its transaction',
    file: 'power/booking.js', find: 'tx: emptySlot', replace: 'tx: row.tx',
    fails: ['ledger-a-stop-leaves-the-fallback.yaml'],
  },
  {
    id: 'raised-right-after-a-change', breaks: 'a raising does not wait after a change',
    file: 'power/raising.js', find: 'changeMs: 15_000', replace: 'changeMs: 0',
    fails: ['calm-fifteen-seconds-between-changes.yaml'],
  },
  {
    id: 'every-tenth-is-raised', breaks: 'less than 1 A more is a raising',
    file: 'power/raising.js', find: 'limitA - heldA < 1 - eps', replace: 'limitA - heldA < eps',
    fails: ['calm-less-than-an-amp-is-no-raising.yaml'],
  },
  {
    id: 'as-many-profiles-as-it-takes', breaks: 'profiles of a connector are not counted',
    file: 'power/raising.js', find: 'perMinute: 4', replace: 'perMinute: 400',
    fails: ['calm-four-profiles-a-minute.yaml'],
  },
  {
    id: 'refusals-are-waited-out', breaks: 'a refused lowering is taken for an unanswered one',
    file: 'power/ledger.js', find: 'return row.lowering !== null && refused !== null', replace: 'return false && refused !== null',
    fails: ['verify-refused-at-once.yaml'],
  },
  {
    id: 'answers-are-waited-for', breaks: 'the others give way a minute after an order that is not answered',
    file: 'power/stuck.js', find: 'export const unansweredMs = 5_000', replace: 'export const unansweredMs = 60_000',
    fails: ['verify-unanswered-after-five-seconds.yaml'],
  },
  {
    id: 'who-is-gone-takes-orders', breaks: 'a charge point that is offline is expected to follow',
    file: 'power/stuck.js', find: 'return place.online && place.outlet.control === \'engine\'', replace: 'return place.outlet.control === \'engine\'',
    fails: ['verify-offline-at-once.yaml'],
  },
  {
    id: 'a-restart-forgets-the-ledger', breaks: 'rows are not restored',
    file: 'actors/books.js', find: 'page?.row ?? restored.get(outlet.key)', replace: 'page?.row',
    fails: ['restart-in-the-middle.yaml'],
  },
  {
    id: 'reports-are-believed', breaks: 'what the site meter sees beyond the reports of charge points is compared with nothing',
    file: 'power/under-reporting.js', find: 'else if (begins || rises)', replace: 'else if (false)',
    fails: ['under-reporting.yaml'],
  },
]
