// `kwota demo`: the server with a simulated depot on real sockets beside it, shown live in the terminal.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Refusal, type House } from '../actors/house.ts'
import type { AllocationView } from '../actors/views.ts'
import type { Clock } from '../clock.ts'
import { createDemoDepot, demoChargePoints, demoSite, demoTariffs } from '../simulator/demo-depot.ts'
import { keyOf, plainLine, sentence, tableLines } from './demo-table.ts'
import type { ProgramPorts } from './program.ts'

export interface DemoOptions {
  readonly port: string
  /** Ends by itself after so many seconds. */
  readonly seconds?: number
  readonly serve: ProgramPorts['serve']
  readonly clock: Clock
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number }
  readonly stderr: { write(text: string): unknown }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Resolves when somebody wants it to end. */
  readonly interrupted: () => Promise<void>
}

const redrawMs = 500
const keptNews = 20

/** Resolves with the exit code when it has ended cleanly; rejects as `serve` does when the server cannot start. Its data is thrown away. */
export async function demo(options: DemoOptions): Promise<0> {
  const { clock, stderr } = options
  const dataDir = await mkdtemp(join(tmpdir(), 'kwota-demo-'))
  try {
    const served = await options.serve(
      { host: '127.0.0.1', port: options.port, dataDir },
      { sites: [demoSite], chargePoints: demoChargePoints, tariffs: demoTariffs, logLevel: 'error', redisUrl: null },
    )
    const screen = createScreen(options, served.house, `kwota demo   page ${served.url}/   chargers ${served.ocppUrl}/<id>   stop with Ctrl-C`)
    const depot = createDemoDepot({ house: served.house, ocppUrl: served.ocppUrl, clock, say: screen.say })
    depot.start()
    screen.start()
    await Promise.race([options.interrupted(), ...(options.seconds === undefined ? [] : [elapsed(clock, options.seconds)])])
    screen.stop()
    depot.stop()
    stderr.write('stopping\n')
    await served.stop()
    return 0
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

function elapsed(clock: Clock, seconds: number): Promise<void> {
  return new Promise((resolve) => { clock.after(seconds * 1000, resolve) })
}

interface Screen {
  readonly say: (text: string) => void
  start(): void
  stop(): void
}

/** A table redrawn in place on a terminal; plain lines of what changed elsewhere, or with NO_COLOR. */
function createScreen(options: DemoOptions, house: House, title: string): Screen {
  const { clock, stdout, stderr, env } = options
  const live = stdout.isTTY === true && (env['NO_COLOR'] ?? '') === ''
  const startedMs = clock.mono()
  const news: string[] = []
  const shown = new Map<string, string>()
  let shownLimit = ''
  let drawn = 0
  let cancel: (() => void) | null = null

  const stamp = () => `${((clock.mono() - startedMs) / 1000).toFixed(1).padStart(6)} s`
  const print = (text: string) => stdout.write(`${stamp()}  ${text}\n`)

  function say(text: string): void {
    if (!live) return void print(text)
    news.push(`${stamp()}  ${text}`)
    news.splice(0, news.length - keptNews)
  }

  const seen = new Set<string>()
  function alerts(): void {
    for (const alert of [...house.alerts()].reverse()) {
      const mark = `${alert.id} ${alert.resolvedAt === null ? 'raised' : 'resolved'}`
      if (seen.has(mark) || (alert.resolvedAt !== null && !seen.has(`${alert.id} raised`))) continue
      seen.add(mark)
      say(alert.resolvedAt === null ? `${alert.severity}: ${alert.message}` : `resolved: ${alert.code}`)
    }
  }

  function redraw(): void {
    alerts()
    const power = house.power(demoSite.id)
    const why = new Map<string, AllocationView>()
    for (const row of power.connectors) if (row.transactionId !== null) why.set(keyOf(row), house.allocation(row.clientID, row.connectorId))
    const lines = tableLines({ power, why, news, title, columns: stdout.columns ?? 100 })
    stdout.write(`${drawn > 0 ? `\x1b[${drawn}A\r\x1b[0J` : ''}${lines.join('\n')}\n`)
    drawn = lines.length
  }

  function report(): void {
    alerts()
    const power = house.power(demoSite.id)
    for (const row of power.connectors) {
      const state = `${row.status} ${row.allocatedA} ${row.binding}`
      if (shown.get(keyOf(row)) === state) continue
      shown.set(keyOf(row), state)
      print(plainLine(row))
    }
    const limit = `${power.effective.currentA} ${power.effective.binding} ${power.state}`
    if (limit !== shownLimit) print(sentence(power))
    shownLimit = limit
  }

  function show(): void {
    cancel = clock.after(redrawMs, show)
    try {
      if (live) redraw()
      else report()
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      say(error.message)
    }
  }

  return {
    say,
    start() {
      if (!live) stderr.write(`${title}\n`)
      show()
    },
    stop() { cancel?.() },
  }
}
