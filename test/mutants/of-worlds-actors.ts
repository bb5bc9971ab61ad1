// Planted bugs in what is carried out: answers and what is durable, orders on their way, restarts, sessions and calls.
import type { WorldMutant } from './of-worlds.ts'

export const actorWorldMutants: readonly WorldMutant[] = [
  {
    id: 'timeout-is-a-reject', breaks: 'an unanswered profile is taken for rejected',
    file: 'actors/verdict.js', find: 'case \'timed-out\':', replace: 'case \'timed-out\':\n            return { is: \'rejected\', why: \'no answer in time\' };',
    witness: 'ledger', seed: 119,
  },
  {
    id: 'rejected-is-accepted', breaks: 'a rejected profile counts as accepted',
    file: 'actors/verdict.js', find: 'status === \'Accepted\' ? \'accepted\' :', replace: 'status !== \'NotSupported\' ? \'accepted\' :',
    witness: 'ledger', seed: 61,
  },
  {
    id: 'rows-not-stored', breaks: 'the ledger is kept in memory only',
    file: 'actors/books.js', find: 'this.scope.put(`row:${key}`, row);', replace: ';',
    witness: 'ledger', seed: 87,
  },
  {
    id: 'start-before-fsync', breaks: 'StartTransaction is answered before it is durable',
    file: 'actors/handlers/start-transaction.js', find: 'await station.scope.durable();\n    return {', replace: 'return {',
    witness: 'durable', seed: 117,
  },
  {
    id: 'start-known-by-nothing', breaks: 'a repeated start is another transaction',
    file: 'actors/handlers/start-transaction.js', find: 'const record = known(station, key) ??', replace: 'const record =',
    witness: 'transactions', seed: 18,
  },
  {
    id: 'stop-before-fsync', breaks: 'StopTransaction is answered before it is durable',
    file: 'actors/handlers/stop-transaction.js', find: 'stop(station, tally, request, time);\n    await station.scope.durable();', replace: 'stop(station, tally, request, time);',
    witness: 'durable', seed: 117,
  },
  {
    id: 'limit-before-fsync', breaks: 'a limit is acknowledged before it is durable',
    file: 'actors/site-room.js', find: 'await Promise.all([this.options.scope.flush(), this.decisions.flush()]);', replace: '',
    witness: 'durable', seed: 15,
  },
  {
    id: 'limit-not-stored', breaks: 'the grid limit is kept in memory only',
    file: 'actors/grid-limit.js', find: 'scope.put(key, record);', replace: '',
    witness: 'durable', seed: 117,
  },
  {
    id: 'deadline-not-rearmed', breaks: 'after a restart a limit with a time to live has no end',
    file: 'actors/engine.js', find: 'this.grid = readGridRecord(options.scope, options.now()).limit;', replace: '{ const { expiresAtMs: _, ...kept } = readGridRecord(options.scope, options.now()).limit ?? {}; this.grid = Object.keys(kept).length === 0 ? null : kept; }',
    witness: 'durable', seed: 117,
  },
  {
    id: 'restart-forgets-the-limit', breaks: 'after a restart the engine knows of no grid limit',
    file: 'actors/engine.js', find: 'this.grid = readGridRecord(options.scope, options.now()).limit;', replace: 'this.grid = null;',
    witness: 'durable', seed: 117,
  },
  {
    id: 'limits-come-late', breaks: 'a new grid limit is stored and not planned with',
    file: 'actors/engine.js', find: 'this.grid = event.grid;', replace: '',
    witness: 'alerted', seed: 83,
  },
  {
    id: 'asks-the-machine', breaks: 'the engine asks the machine for the time',
    file: 'actors/site-room.js', find: 'this.now = () => startWallMs + clock.mono() - startMonoMs;', replace: 'this.now = () => Date.now();',
    witness: 'deterministic', seed: 85,
  },
  {
    id: 'alerts-stay', breaks: 'an alert is never resolved',
    file: 'actors/site-watch.js', find: 'this.alerts.set(cause, null, nowMs);', replace: ';',
    witness: 'liveness', seed: 85,
  },
  {
    id: 'profiles-begin-later', breaks: 'profiles are relative to the start of the transaction',
    file: 'actors/translate.js', find: 'chargingProfileKind: \'Absolute\',', replace: 'chargingProfileKind: \'Relative\',',
    witness: 'I5', seed: 85,
  },
  {
    id: 'close-evicts-the-newer', breaks: 'the close of an old line is heard late and ends whoever is there then',
    file: 'protocol/sessions.js', find: 'if (slot.live === connection)\n                    slot.live = undefined;', replace: 'clock.after(0, () => { slot.live = undefined; });',
    witness: 'one-session', seed: 15,
  },
  {
    id: 'two-calls-at-once', breaks: 'a second CALL leaves while one waits',
    file: 'protocol/outbox.js', find: 'while (this.outstanding === undefined && !this.stopped) {', replace: 'while (!this.stopped && this.queues.some((queue) => queue.length > 0)) {',
    witness: 'one-call', seed: 85,
  },
  {
    id: 'answered-twice', breaks: 'an answer is sent twice',
    file: 'protocol/inbox.js', find: 'if (this.stopped)\n            return;\n        if (isPlain)', replace: 'if (this.stopped)\n            return;\n        this.options.send(text);\n        if (isPlain)',
    witness: 'one-answer', seed: 85,
  },
  {
    id: 'answers-not-fenced', breaks: 'an answer counts for the CALL that is under way, whatever CALL it answers (the fence against late ones)',
    file: 'protocol/outbox.js', find: 'if (current?.id === answer.id) {', replace: 'if (current !== undefined) {',
    witness: 'one-call', seed: 61,
  },
]
