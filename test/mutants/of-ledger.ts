// Broken rules of the ledger and of the base load (I1, I2, I4 to I6, calm): what their scenario files must notice.
import type { ScenarioMutant } from './of-scenarios.ts'

export const ledgerMutants: readonly ScenarioMutant[] = [
  {
    id: 'accepted-is-settled', breaks: 'a lowering frees what it takes away as soon as it is accepted',
    file: 'power/ledger.js', find: 'export const settleMs = 10_000', replace: 'export const settleMs = 0',
    fails: ['row-05-a-cut-reaches-four-cars.yaml'],
  },
  {
    id: 'raised-before-it-fits', breaks: 'a raising is sent before what it needs is free',
    file: 'power/raising.js', find: 'if ([...growth].some(', replace: 'if (false && [...growth].some(',
    fails: ['row-06-what-a-car-does-not-take.yaml'],
  },
  {
    id: 'in-flight-dies-with-us', breaks: 'what was in flight at a restart is forgotten',
    file: 'power/restoring.js', find: 'tx: unknown(row.tx)', replace: 'tx: { ...row.tx, inFlight: [] }',
    fails: ['row-12-restart-between-sending-and-answer.yaml'],
  },
  {
    id: 'meters-never-stale', breaks: 'what a meter said last holds for ever',
    file: 'power/base.js', find: '> settings.staleAfterMs ? \'stale\' : \'fresh\'', replace: '> Infinity ? \'stale\' : \'fresh\'',
    fails: ['row-08-the-site-meter-goes-silent.yaml'],
  },
  {
    id: 'who-takes-no-profile-counts-nothing', breaks: 'a charger that never confirmed a limit counts as nothing',
    file: 'power/ledger.js', find: 'return row.hardwareA;', replace: 'return 0;',
    fails: ['row-10a-one-cannot-be-limited.yaml'],
  },
  {
    id: 'who-takes-no-profile-counts-when-in-use', breaks: 'a charger that never confirmed a limit counts only while a car is there',
    file: 'power/ledger.js', find: 'return row.hardwareA;', replace: 'return row.transactionId === null ? 0 : row.hardwareA;',
    fails: ['row-10b-also-when-idle.yaml'],
  },
  {
    id: 'back-at-once-after-a-pause', breaks: 'a paused car is raised as soon as there is room',
    file: 'power/raising.js', find: 'pauseMs: 60_000', replace: 'pauseMs: 0',
    fails: ['row-13b-the-first-in-the-queue-starts.yaml'],
  },
  {
    id: 'tenths-are-steps', breaks: 'every connector is told tenths of an amp',
    file: 'power/participant.js', find: 'stepA: outlet.stepA', replace: 'stepA: 0.1',
    fails: ['base-load-jitter.yaml'],
  },
  {
    id: 'ramps-are-the-building', breaks: 'what a changed car still takes up is taken for the building',
    file: 'power/base.js', find: 'if (car.changedSinceSample)', replace: 'if (false)',
    fails: ['ramp-10s.yaml', 'ramp-60s.yaml'],
  },
  {
    id: 'falls-count-at-once', breaks: 'a base load that falls is believed before it has held',
    file: 'power/base.js', find: 'if (nowMs - estimate.atMs < settings.holdMs || estimate', replace: 'if (estimate',
    fails: ['ramp-own-changes.yaml'],
  },
  {
    id: 'nobody-sets-a-grid-limit', breaks: 'the standing grid limit is not kept',
    file: 'power/limits.js', find: 'onNode(site.id, \'grid-limit\', grid)', replace: '[]',
    fails: ['limit-cut.yaml'],
  },
  {
    id: 'what-holds-for-a-time-does-not', breaks: 'no limit with an end is kept',
    file: 'power/limits.js', find: '&& nowMs < untilMs', replace: '&& false',
    fails: ['limits-a-curtailment-undoes-itself.yaml'],
  },
  {
    id: 'twice-the-target', breaks: 'a demand window allows twice its target',
    file: 'power/demand-window.js', find: 'const floored = Math.max(0,', replace: 'const floored = Math.max(2 * targetW,',
    fails: ['limits-a-demand-window-keeps-its-mean.yaml'],
  },
  {
    id: 'schedules-come-as-a-surprise', breaks: 'a limit that is known beforehand is planned with only when it begins',
    file: 'power/limits.js', find: 'timed, leadMs)', replace: 'timed, 0)',
    fails: ['limits-a-schedule-is-kept-from-its-first-moment.yaml'],
  },
]
