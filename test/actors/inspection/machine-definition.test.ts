// The definitions that are shown are the machines that run: XState makes the same states and transitions of them, and each is in every drawing.
import { describe, expect, it } from 'vitest'
import { createMachine, type AnyStateMachine, type AnyStateNode } from 'xstate'
import { chargePointMachine } from '../../../src/actors/charge-point.ts'
import { commandMachine } from '../../../src/actors/command.ts'
import { connectorMachine } from '../../../src/actors/connector.ts'
import { chartOf } from '../../../src/actors/inspection/machine-chart.ts'
import { definitionOf } from '../../../src/actors/inspection/machine-definition.ts'
import { dotOf, mermaidOf } from '../../../src/actors/inspection/machine-drawings.ts'
import { machineDefinitions, machineTypes, type MachineType } from '../../../src/actors/inspection/machine-types.ts'
import { reservationMachine } from '../../../src/actors/reservation.ts'
import { siteMachine } from '../../../src/actors/site.ts'
import { transactionMachine } from '../../../src/actors/transaction.ts'

const machines: Readonly<Record<MachineType, AnyStateMachine>> = {
  site: siteMachine, 'charge-point': chargePointMachine, connector: connectorMachine, transaction: transactionMachine, reservation: reservationMachine, command: commandMachine,
}

interface Told { readonly states: string[]; readonly moves: string[] }

/** As XState has understood a machine. */
function told(machine: AnyStateMachine): Told {
  const states: string[] = []
  const moves: string[] = []
  const look = (node: AnyStateNode): void => {
    states.push(`${node.path.join('.')} ${node.type} ${String(node.config.initial ?? '')} ${node.invoke.map(({ src }) => String(src)).join()}`)
    for (const all of node.transitions.values()) for (const { eventType, target, actions } of all) moves.push(`${node.path.join('.')} ${eventType} → ${target?.map(({ path }) => path.join('.')).join() ?? ''} ${actions.length}`)
    for (const { target } of node.always ?? []) moves.push(`${node.path.join('.')} always → ${target?.map(({ path }) => path.join('.')).join() ?? ''}`)
    for (const child of Object.values(node.states)) look(child)
  }
  look(machine.root)
  return { states, moves }
}

describe.each(machineTypes)('the machine of a %s', (type) => {
  const definition = machineDefinitions[type]
  const chart = chartOf(definition)

  it('is JSON of which XState makes the same machine', () => {
    const read: unknown = JSON.parse(JSON.stringify(definition))
    expect(read).toEqual(definition)
    expect(definition.id).toBe(type)
    expect(told(createMachine(read as Parameters<typeof createMachine>[0]))).toEqual(told(machines[type]))
  })

  it('is drawn with every state and every arrow, from the same chart', () => {
    const { states, moves } = told(machines[type])
    expect(chart.nodes.filter(({ kind }) => kind !== 'initial' && kind !== 'anywhere').map(({ id }) => id).sort()).toEqual(states.map((state) => state.split(' ')[0]).filter((path) => path !== '').sort())
    const ids = new Set(chart.nodes.map(({ id }) => id))
    for (const { from, to } of chart.edges) expect([ids.has(from), ids.has(to)]).toEqual([true, true])
    const moving = moves.filter((move) => !/→ {1,2}\d*$/.test(move))
    expect(chart.edges.filter(({ label }) => label !== '')).toHaveLength(moving.length)
    expect(chart.taken.reduce((sum, { events }) => sum + events.length, 0)).toBe(moves.length - moving.length)
    const [mermaid, dot] = [mermaidOf(chart), dotOf(chart)]
    for (const text of [mermaid, dot]) {
      expect(text.match(/-->|->/g)).toHaveLength(chart.edges.length)
      for (const { label, kind } of chart.nodes) if (kind !== 'initial') expect(text).toMatch(new RegExp(`"${label}[ "]`))
    }
    // What it does not take for names it would take for the end of a line.
    expect(mermaid).not.toMatch(/^\s*\S*-\S* -->|: .*:/m)
  })
})

it('a function that has no name is said to be there, and only a machine has a definition', () => {
  const machine = createMachine({ id: 'lamp', initial: 'off', states: { off: { on: { PUSH: { guard: () => true, actions: [() => undefined, 'shine'], target: 'on' } } }, on: {} } })
  const definition = definitionOf(machine)
  expect(definition.states?.['off']?.on).toEqual({ PUSH: [{ target: 'on', guard: { type: 'inline' }, actions: [{ type: 'inline' }, 'shine'] }] })
  expect(mermaidOf(chartOf(definition))).toBe('stateDiagram-v2\n  state "off" as off\n  state "on" as on\n  [*] --> off\n  off --> on : PUSH […] / …, shine\n')
  expect(dotOf(chartOf({ id: 'a "b"', states: {} }))).toContain('digraph "a \\"b\\"" {')
  expect(() => definitionOf({ config: {} })).toThrow(/without an id/)
})
