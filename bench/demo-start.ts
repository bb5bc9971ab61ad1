// From `npm run demo` to the first bar that moves in a browser, everything being installed and built before.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { launchChromium } from './browser.ts'
import { summarise, type Summary } from './statistics.ts'

export interface DemoStart { readonly runs: number; readonly addressS: Summary; readonly pageS: Summary; readonly movingS: Summary }

const mostS = 15
const withinMs = 60_000
const lookEveryMs = 100
const bars = '[...document.querySelectorAll(".bar-line .bar-measured")].map(({ style }) => style.width).join()'

export async function measureDemoStart(runs: number, progress: (line: string) => void): Promise<DemoStart> {
  const chromium = await launchChromium()
  const times: { addressS: number; pageS: number; movingS: number }[] = []
  try {
    for (let run = 1; run <= runs; run++) {
      const begunMs = performance.now()
      const sinceS = () => (performance.now() - begunMs) / 1_000
      const demo = await startDemo()
      try {
        const addressS = sinceS()
        const { page, close } = await chromium.open(demo.url, 'document.querySelectorAll(".bar-line").length === 3')
        const pageS = sinceS()
        const first = await page.evaluate<string>(bars)
        while (await page.evaluate<string>(bars) === first) {
          if (sinceS() * 1_000 > withinMs) throw new Error(`no bar has moved within ${withinMs / 1_000} s`)
          await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
        }
        times.push({ addressS, pageS, movingS: sinceS() })
        progress(`run ${run} of ${runs}: its address after ${addressS.toFixed(1)} s, the page after ${pageS.toFixed(1)} s, a bar moves after ${sinceS().toFixed(1)} s`)
        await close()
      } finally {
        await demo.stop()
      }
    }
    return { runs, addressS: summarise(times.map(({ addressS }) => addressS)), pageS: summarise(times.map(({ pageS }) => pageS)), movingS: summarise(times.map(({ movingS }) => movingS)) }
  } finally {
    await chromium.close()
  }
}

async function startDemo(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:KWOTA_|REDIS_URL|NODE_OPTIONS|NODE_V8_COVERAGE)/.test(name)))
  // A group of its own: npm, its shell and the demo end together.
  const child = spawn('npm', ['run', 'demo', '--', '--port', '0'], { cwd: root, env, stdio: ['ignore', 'ignore', 'pipe'], detached: true })
  const kill = () => { endGroup(child, 'SIGKILL') }
  process.once('exit', kill)
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-10_000)
      const found = /page (http:\S+)/.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}:\n${said}`)))
  })
  return {
    url,
    async stop() {
      const gone = once(child, 'exit')
      endGroup(child, 'SIGTERM')
      const slow = setTimeout(kill, 10_000)
      await gone
      clearTimeout(slow)
      process.off('exit', kill)
    },
  }
}

function endGroup({ pid, exitCode, signalCode }: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, signal)
  } catch {
    return
  }
}

const usage = `node dist/bench/demo-start.js [--runs 3] [--bounds]
  --bounds  ends with 1 where the first bar moves after more than ${mostS} s`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '3' }, bounds: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } } })
  if (values.help) process.stdout.write(`${usage}\n`)
  else {
    const { runs, addressS, pageS, movingS } = await measureDemoStart(Number(values.runs), (line) => void process.stderr.write(`${line}\n`))
    const times = ({ median, max }: Summary) => `${median.toFixed(1)} s, at most ${max.toFixed(1)}`
    process.stdout.write(`| what | figure | beside |\n|---|---|---|\n| from \`npm run demo\` to the first bar that moves in the browser, installed and built before | ${times(movingS)} | of ${runs} runs; its address is printed after ${times(addressS)}, the page stands after ${times(pageS)} |\n`)
    if (values.bounds && movingS.max > mostS) process.exitCode = 1
  }
}
