// A command's states: what leads where, and what leads nowhere.
import { describe, expect, test } from 'vitest'
import { createActor } from 'xstate'
import { machineClock } from '../../src/clock.ts'
import { alarmOn } from '../../src/actors/alarm.ts'
import { commandEnds, commandMachine, type CommandEvent } from '../../src/actors/command.ts'
import { VirtualClock } from '../virtual-clock.ts'

const sent: CommandEvent = { type: 'COMMAND_SENT', commandId: 'cmd_1' }
const ended = (end: (typeof commandEnds)[number]): CommandEvent => ({ type: 'COMMAND_ENDED', commandId: 'cmd_1', end })

function start(expiresInMs: number | null) {
  const clock = new VirtualClock()
  const due: string[] = []
  const machine = commandMachine.provide({ actors: { alarm: alarmOn(clock) }, actions: { tellDue: ({ context }) => { due.push(context.command.id) } } })
  const actor = createActor(machine, { clock: machineClock(clock), input: { command: { id: 'cmd_1', action: 'Reset', expiresAtMs: expiresInMs === null ? null : clock.wall() + expiresInMs } } })
  actor.start()
  return { clock, due, actor }
}

describe('a command that does not wait', () => {
  test.each<[string, CommandEvent[], string]>([
    ['begins', [], 'queued'],
    ['was sent', [sent], 'sent'],
    ['sent twice is sent once', [sent, sent], 'sent'],
    ...commandEnds.map((end): [string, CommandEvent[], string] => [`sent, then ${end}`, [sent, ended(end)], end]),
    ...commandEnds.map((end): [string, CommandEvent[], string] => [`never sent, ${end}`, [ended(end)], end]),
    ['the first end stands', [sent, ended('timed-out'), ended('accepted')], 'timed-out'],
    ['nothing is sent after the end', [ended('cancelled'), sent], 'cancelled'],
    ['a deadline it does not have', [{ type: 'DUE' }], 'queued'],
    ['a deadline once it is sent', [sent, { type: 'DUE' }], 'sent'],
  ])('%s', (_title, events, state) => {
    const { actor, due } = start(null)
    for (const event of events) actor.send(event)
    expect([actor.getSnapshot().value, due]).toEqual([state, []])
  })
})

describe('a command that may wait', () => {
  test('tells that its time has come, once, and waits to be ended', async () => {
    const { clock, due, actor } = start(60_000)
    expect(actor.getSnapshot().value).toBe('waiting')
    await clock.advance(59_999)
    expect(due).toEqual([])
    await clock.advance(1)
    await clock.advance(600_000)
    expect([due, actor.getSnapshot().value]).toEqual([['cmd_1'], 'waiting'])
    actor.send(ended('expired'))
    expect(actor.getSnapshot().value).toBe('expired')
  })
  test.each([['sent', sent, 'sent'], ['cancelled', ended('cancelled'), 'cancelled']] as const)('%s before: the deadline says nothing more', async (_title, event, state) => {
    const { clock, due, actor } = start(60_000)
    actor.send(event)
    await clock.advance(120_000)
    expect([due, actor.getSnapshot().value]).toEqual([[], state])
  })
  test('after a restart an overdue one is told at once', async () => {
    const { clock, actor } = start(60_000)
    const kept = actor.getPersistedSnapshot()
    actor.stop()
    await clock.advance(120_000)
    const due: string[] = []
    const again = createActor(commandMachine.provide({ actors: { alarm: alarmOn(clock) }, actions: { tellDue: ({ context }) => { due.push(context.command.id) } } }), { clock: machineClock(clock), snapshot: kept, input: { command: { id: '', action: '', expiresAtMs: null } } })
    again.start()
    await clock.advance(1)
    expect(due).toEqual(['cmd_1'])
  })
})
