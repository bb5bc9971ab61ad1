// Broken rules of verification, of the ladders, and of reclaim and probe: what their scenario files must notice.
import type { ScenarioMutant } from './of-scenarios.ts'

export const verificationMutants: readonly ScenarioMutant[] = [
  {
    id: 'nobody-gives-way-for-what-is-not-followed', breaks: 'the others wait until an accepted lowering is followed',
    file: 'power/ledger.js', find: 'nowMs >= settling.acceptedAtMs + settleMs &&', replace: 'false &&',
    fails: ['applies-late.yaml'],
  },
  {
    id: 'gives-way-five-seconds-late', breaks: 'the others wait 15 s after the Accepted of a lowering that is not followed',
    file: 'power/ledger.js', find: 'nowMs >= settling.acceptedAtMs + settleMs &&', replace: 'nowMs >= settling.acceptedAtMs + 1.5 * settleMs &&',
    fails: ['verify-a-cut-that-is-ignored.yaml'],
  },
  {
    id: 'disobedience-is-never-proven', breaks: 'whoever draws more than its limit is never told again',
    file: 'power/disobedience.js', find: 'provenMs: 15_000', replace: 'provenMs: Infinity',
    fails: ['full-power-after-pause.yaml'],
  },
  {
    id: 'nobody-is-stopped', breaks: 'the ladder leaves out the stop',
    file: 'power/disobedience.js', find: '\'stop\', \'operator\'', replace: '\'operator\'',
    fails: ['disobeys-to-the-last-rung.yaml'],
  },
  {
    id: 'stopped-is-believed', breaks: 'whoever had to be stopped is trusted again as soon as its transaction has ended',
    file: 'power/distrust.js', find: 'return state ? Math.min(', replace: 'return false ? Math.min(',
    fails: ['distrust-after-a-stop.yaml', 'disobeys-to-the-last-rung.yaml'],
  },
  {
    id: 'the-next-car-is-believed', breaks: 'a transaction that ends without the ladder, or a new one, ends the distrust',
    file: 'power/distrust.js', find: 'return known ? { ...known, obeysSinceMs: null } : null', replace: 'return null',
    fails: ['distrust-the-next-car.yaml'],
  },
  {
    id: 'counts-from-its-boot', breaks: 'who has connected counts nothing before it boots',
    file: 'actors/family.js', find: 'site.stationConnected(clientID);', replace: '',
    fails: ['i4-connected-but-never-boots.yaml'],
  },
  {
    id: 'counted-as-measured', breaks: 'a charger that disobeys is counted with what it draws and no more',
    file: 'power/disobedience.js', find: 'reserve: 1.05', replace: 'reserve: 1',
    fails: ['row-11-a-charger-disobeys.yaml'],
  },
  {
    id: 'probed-by-two', breaks: 'a car that draws again is given 2 A more',
    file: 'power/reclaim.js', find: 'probeA: 4', replace: 'probeA: 2',
    fails: ['row-07-reclaim-and-probe.yaml'],
  },
  {
    id: 'one-sample-says-it-all', breaks: 'two samples show what a car takes',
    file: 'power/reclaim.js', find: 'rule = { samples: 3', replace: 'rule = { samples: 2',
    fails: ['reclaim-from-rare-samples.yaml'],
  },
  {
    id: 'others-pay-for-probes', breaks: 'an idle cap is probed also where others would be lowered for it',
    file: 'power/probing.js', find: 'left[index] < growthA * perAmp - 1e-6', replace: 'false',
    fails: ['idle-probe.yaml'],
  },
  {
    id: 'limits-go-as-tx-profiles-only', breaks: 'whoever refuses TxProfile is ordered by TxProfile all the same',
    file: 'power/ledger.js', find: 'row.quirks.ladder === \'tx\' ? \'tx\' : \'default\'', replace: '\'tx\'',
    fails: ['quirk-1-rejects-tx-profile.yaml'],
  },
  {
    id: 'watts-spread-over-all-phases', breaks: 'a limit in watts counts as spread over all phases of the connector',
    file: 'power/watts.js', find: 'measured ?? told ?? 1', replace: 'wired',
    fails: ['quirk-2a-watts-only.yaml'],
  },
  {
    id: 'nobody-bargains', breaks: 'a refused profile is not tried in another shape',
    file: 'actors/bargain.js', find: 'if (next === null) {', replace: 'if (true) {',
    fails: ['quirk-2b-watts-only-unsaid.yaml', 'quirk-3a-connector-zero-only.yaml'],
  },
  {
    id: 'connector-0-is-for-one', breaks: 'a profile on connector 0 counts for the connector it was meant for only',
    file: 'power/quirks.js', find: 'return ladder === \'connector-0\' || ladder === \'max-0\'', replace: 'return false',
    fails: ['quirk-3b-connector-zero-of-two.yaml'],
  },
]
