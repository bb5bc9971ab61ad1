// Broken rules of admission, turns and policies: what their scenario files must notice.
import type { ScenarioMutant } from './of-scenarios.ts'

export const sharingMutants: readonly ScenarioMutant[] = [
  {
    id: 'a-turn-lasts-20-minutes', breaks: 'swaps come 20 min after the queue formed',
    file: 'power/turns.js', find: 'export const turnMs = 15 * 60_000', replace: 'export const turnMs = 20 * 60_000',
    fails: ['turns-five-cars-where-two-fit.yaml'],
  },
  {
    id: 'on-for-no-time-at-all', breaks: 'who has only just come on is swapped out',
    file: 'power/turns.js', find: 'export const onMs = 10 * 60_000', replace: 'export const onMs = 0',
    fails: ['turns-at-least-ten-minutes-on.yaml'],
  },
  {
    id: 'queues-share-a-clock', breaks: 'all queues of a site are swapped when the first is due',
    file: 'power/admission.js', find: 'const clockMs = member.turn.clockMs ?? nowMs;', replace: 'const clockMs = waiting.reduce((least, one) => Math.min(least, one.turn.clockMs ?? nowMs), nowMs);',
    fails: ['turns-separate-queues.yaml'],
  },
  {
    id: 'every-limit-has-its-own-queue', breaks: 'a car kept out by several limits waits in the queue of the first alone',
    file: 'power/admission.js', find: 'if (!isShort(member, growthA, bound, left[bound.index], bounds))', replace: 'if (true)',
    fails: ['turns-on-a-circuit-and-beside-it.yaml'],
  },
  {
    id: 'a-pause-for-a-turn-is-short', breaks: 'who was swapped out comes back after 60 s of room',
    file: 'power/raising.js', find: 'row.pausedByTurn === true ?', replace: 'false ?',
    fails: ['turns-a-pause-for-a-turn-lasts.yaml'],
  },
  {
    id: 'classes-wait-for-turns', breaks: 'who is on is admitted before a higher class',
    file: 'power/admission.js', find: 'b.priority - a.priority || Number(b.urgent ?? false)', replace: 'Number(b.urgent ?? false)',
    fails: ['admission-a-higher-class-waits-for-nobody.yaml'],
  },
  {
    id: 'no-deadline-is-near', breaks: 'slack does not bring anybody in',
    file: 'power/slack.js', find: 'export const shortSlackMs = 30 * 60_000', replace: 'export const shortSlackMs = -Infinity',
    fails: ['admission-a-deadline-comes-near.yaml'],
  },
  {
    id: 'one-blocked-blocks-all', breaks: 'nobody of a class is admitted after one that is blocked',
    file: 'power/admission.js', find: 'const blocker = division.blocker(', replace: 'const blocker = waits ? 0 : division.blocker(',
    fails: ['admission-one-blocked-blocks-nobody.yaml'],
  },
  {
    id: 'the-last-comes-first', breaks: 'fifo and earliestDeadline fill from the end of the queue',
    file: 'power/handing-out.js', find: '[...group].sort(compareInQueue)) {', replace: '[...group].sort((a, b) => compareInQueue(b, a))) {',
    fails: ['policy-fifo.yaml', 'policy-earliest-deadline.yaml'],
  },
  {
    id: 'deadlines-do-not-order', breaks: 'earliestDeadline goes by plug-in',
    file: 'power/queue.js', find: 'policy === \'earliestDeadline\' ?', replace: 'policy === \'fifo\' ?',
    fails: ['policy-earliest-deadline.yaml'],
  },
  {
    id: 'slack-does-not-order', breaks: 'leastLaxity hands out steps equally',
    file: 'power/handing-out.js', find: 'return latestMs + Math.round(', replace: 'return Math.round(',
    fails: ['policy-least-laxity.yaml'],
  },
  {
    id: 'a-restart-forgets-the-clocks', breaks: 'after a restart every queue begins anew',
    file: 'power/turn-marks.js', find: 'queueSinceMs: at(queueSinceMs)', replace: 'queueSinceMs: null',
    fails: ['turns-survive-a-restart.yaml'],
  },
  {
    id: 'a-moment-without-a-queue-ends-it', breaks: 'who is not waiting for a moment has waited for nothing',
    file: 'power/wants.js', find: 'target.queueSinceMs ?? kept', replace: 'target.queueSinceMs',
    fails: ['turns-a-queue-that-dissolves-briefly.yaml'],
  },
  {
    id: 'out-of-reach-loses-its-wait', breaks: 'who is out of reach for a moment has waited for nothing',
    file: 'power/zone-plan.js', find: 'row.turn ? { turn: null }', replace: 'row.turn || row.queueSinceMs ? { turn: null, queueSinceMs: null }',
    fails: ['turns-a-short-absence.yaml'],
  },
  {
    id: 'only-the-last-fallback-gives-way', breaks: 'of the cars with a fallback only as many lose it as have to',
    file: 'power/fallbacks.js', find: 'for (const line of cars)', replace: 'for (const line of cars.slice(0, 1))',
    fails: ['turns-fallbacks-give-way.yaml'],
  },
  {
    id: 'class-one-is-owed-nothing', breaks: 'a fallback of class 0 keeps what a demand window leaves',
    file: 'power/fallbacks.js', find: 'economic === true && place.priority < 1 ? held : load', replace: 'economic === true ? held : load',
    fails: ['demand-window-fallbacks-give-way.yaml'],
  },
]
