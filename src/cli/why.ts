// `kwota why CP-03/1`: why a connector gets what it gets, the sentence first, then every limit above it.
import type { Command } from 'commander'
import type { AllocationView, ChargePointView, ConnectorView } from '../actors/views.ts'
import { openClient, type Client, type ClientFlags } from './client.ts'
import { asking } from './client-flags.ts'
import { Ended, exitCodes } from './endings.ts'
import { paintFor, plain, tableOf } from './table.ts'
import type { Terminal } from './terminal.ts'
import { momentWords, timeWords, zoneWords } from './times.ts'
import { connector, type ConnectorWords } from './words.ts'

export function addWhy(program: Command, terminal: Terminal): void {
  asking(program.command('why').description('why a connector gets what it gets').argument('<connector>', 'CP-03/1; CP-03 where it has only one', connector), 'kwota why CP-03/1\nkwota why CP-03/1 --json')
    .action((where: ConnectorWords, flags: ClientFlags) => why(where, flags, terminal))
}

async function why(where: ConnectorWords, flags: ClientFlags, { stdout, env, clock, ...terminal }: Terminal): Promise<void> {
  const client = openClient(flags, { env, clock, ...terminal })
  const { clientID } = where
  const connectorId = where.connectorId ?? await onlyConnector(clientID, client)
  const path = `/chargepoints/${encodeURIComponent(clientID)}/connectors/${connectorId}/allocation`
  const view = await client.ask<AllocationView>('GET', path).catch(async (error: unknown) => {
    // CP/1 may be the whole name of a charge point.
    if (!(error instanceof Ended) || error.exitCode !== exitCodes.notFound || where.connectorId === null) throw error
    const whole = `${clientID}/${where.connectorId}`
    const only = await onlyConnector(whole, client).catch(() => { throw error })
    return client.ask<AllocationView>('GET', `/chargepoints/${encodeURIComponent(whole)}/connectors/${only}/allocation`)
  })
  if (flags.json === true) return void stdout.write(`${JSON.stringify({ clientID, connectorId, ...view })}\n`)
  const paint = paintFor(stdout, env)
  const nowMs = clock.wall()
  const timezone = await zoneOf(clientID, client)
  const { constraints, queue, nextReviewAt, decisionId, measuredAt } = view
  const rows = constraints.map(({ id, limitA, shareA, overA, state, until, inferred }) => [id, `${limitA} A`, shareA === undefined ? '' : `${shareA} A`, overA === undefined ? state : `${state}, ${overA} A over`, `${until === undefined ? '' : `until ${timeWords(until, nowMs, timezone)}`}${inferred === true ? 'inferred' : ''}`])
  const amps = (value: number | null) => (value === null ? '–' : `${value} A`)
  const lines = [
    `${paint.bold(`${plain(clientID)}/${connectorId}`)}: ${plain(view.summary)}`,
    ...tableOf(['constraint', 'limit', 'share', 'state', ''], rows, (text, column, row) => (row < 0 ? paint.dim(text) : column !== 3 ? text : text.startsWith('binding') ? paint.bad(text) : text.startsWith('limiting') ? paint.warn(text) : text)),
    `  asked ${amps(view.requestedA)}, allocated ${amps(view.allocatedA)}, confirmed ${amps(view.confirmedA)}, reserved ${amps(view.reservedA)}, measured ${amps(view.measuredA)}${measuredAt === null ? '' : ` ${view.measuredA === null ? '(last ' : ''}at ${momentWords(measuredAt, timezone).slice(0, 8)}${view.measuredA === null ? ')' : ''}`}`,
    ...(queue === null ? [] : [`  place ${queue.place} of ${queue.of} in the queue`]),
    `  decision ${decisionId ?? 'none yet'}${nextReviewAt === null ? '' : `; looked at again by ${momentWords(nextReviewAt, timezone).slice(0, 8)}`}`,
    `  times are those of ${zoneWords(timezone)}`,
  ]
  stdout.write(`${lines.join('\n')}\n`)
}

/** Of the site of a charge point; the sentence tells its times in it too. */
async function zoneOf(clientID: string, client: Client): Promise<string | undefined> {
  const point = await client.ask<Pick<ChargePointView, 'site'>>('GET', `/chargepoints/${encodeURIComponent(clientID)}`).catch(() => null)
  return point === null ? undefined : client.timezoneOf(point.site)
}

/** Rejects with Ended when it has several, or is not known. */
async function onlyConnector(clientID: string, client: Client): Promise<number> {
  const { data } = await client.ask<{ readonly data: readonly ConnectorView[] }>('GET', `/chargepoints/${encodeURIComponent(clientID)}/connectors`)
  const [only, ...others] = data.map(({ id }) => id)
  if (only === undefined || others.length > 0) throw new Ended(exitCodes.usage, `${plain(clientID)} has the connectors ${data.map(({ id }) => id).join(', ')}.`, `Name one, for example kwota why ${plain(clientID)}/${only ?? 1}.`)
  return only
}
