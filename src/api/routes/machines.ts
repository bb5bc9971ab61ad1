// Machines: the definitions of what the actors are, as XState JSON and as drawings.
import { z } from 'zod'
import { chartOf } from '../../actors/inspection/machine-chart.ts'
import { dotOf, mermaidOf } from '../../actors/inspection/machine-drawings.ts'
import { machineDefinitions, machineTypes } from '../../actors/inspection/machine-types.ts'
import { machineSchema, machineSummarySchema } from '../inspection-schemas.ts'
import { defineRoute, listOf, type Route } from '../route.ts'
import { base } from './identifiers.ts'

const tag = 'inspection'
const drawings = { 'text/vnd.mermaid': mermaidOf, 'text/vnd.graphviz': dotOf } as const
const summaries = machineTypes.map((type) => ({ type, states: chartOf(machineDefinitions[type]).nodes.filter(({ kind }) => kind === 'state').map(({ id }) => id) }))

export const machineRoutes: readonly Route[] = [
  defineRoute({
    method: 'GET', path: `${base}/machines`, operationId: 'listMachines', tag, scope: 'inspect', reach: 'anyone', summary: 'The types of actors, with their states',
    answers: { 200: { description: 'All of them', content: { 'application/json': listOf(machineSummarySchema) } } },
    handle: () => ({ status: 200, json: { data: summaries, nextCursor: null } }),
  }),
  defineRoute({
    method: 'GET', path: `${base}/machines/{type}`, operationId: 'getMachine', tag, scope: 'inspect', reach: 'anyone',
    summary: 'The state machine of a type of actors, as XState JSON (createMachine takes it) or drawn from the same definition as Mermaid or Graphviz',
    params: z.strictObject({ type: z.enum(machineTypes) }),
    answers: { 200: { description: 'The machine', content: { 'application/json': machineSchema, 'text/vnd.mermaid': z.string(), 'text/vnd.graphviz': z.string() } } },
    handle({ params: { type }, accepted }) {
      const definition = machineDefinitions[type]
      if (accepted !== 'text/vnd.mermaid' && accepted !== 'text/vnd.graphviz') return { status: 200, json: definition }
      return { status: 200, text: { type: `${accepted}; charset=utf-8`, content: drawings[accepted](chartOf(definition)) } }
    },
  }),
]
