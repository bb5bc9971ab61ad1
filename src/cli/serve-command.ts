// kwota serve and kwota demo: their flags and help, what is told while it runs, and an orderly stop.
import type { Command } from 'commander'
import type { Flags } from '../config.ts'
import type { ProgramPorts, Served } from './program.ts'
import type { Finish, Terminal } from './terminal.ts'
import { positive } from './words.ts'

export function addServe(program: Command, { stderr, interrupted }: Terminal, ports: ProgramPorts): void {
  const talk = (line: string) => void stderr.write(`${line}\n`)
  withServerFlags(program.command('serve').description('run the server'))
    .addHelpText('after', '\nExamples:\n  kwota serve\n  kwota serve --port 9000 --data-dir /var/lib/kwota\n  KWOTA_API_KEY=$(openssl rand -hex 24) kwota serve --host 0.0.0.0')
    .action(async (flags: Flags) => {
      const interruption = interrupted()
      const served = await ports.serve(flags, {}, interruption).catch((error: unknown) => {
        if (error instanceof Error && error.name === 'GivenUp') return null
        throw error
      })
      if (served === null) return talk('stopped while it waited for the store')
      talk(`kwota ${ports.version}`)
      const { plain: [url = served.url, ...others], secure: [secureUrl = served.secureUrl] } = typed(served)
      const ocppUrl = (text: string) => `${text.replace(/^http/, 'ws')}/ocpp`
      talk(`  page     ${url}/${others.length === 0 ? '' : `   (also ${others.map((other) => `${other}/`).join(', ')})`}`)
      const secure = secureUrl === undefined ? '' : `\n  over TLS ${secureUrl}/\n           ${ocppUrl(secureUrl)}/<charge point id>`
      // One write: who waits for the first address finds the other with it.
      talk(`  chargers ${ocppUrl(url)}/<charge point id>   (OCPP 1.6-J)${secure}`)
      talk(`  data     ${served.storedIn}`)
      for (const { value: site } of served.house.sites()) if (site.fuseAssumed === true) talk(`  fuse     ${typeof site.fuseA === 'number' ? site.fuseA : site.fuseA.L1} A is assumed for site ${site.id}: nobody said how big it is. Say it at ${url}/sites/${site.id}, or in kwota.yaml:\n             sites: [{ id: ${site.id}, fuseA: <amps per phase> }]`)
      if (served.loopback) talk('  Only this machine can reach it; see the README, "Connect a charger", to open it.')
      talk('  Stop with Ctrl-C.')
      await interruption
      talk('stopping: no more raisings, everything is written')
      await served.stop()
    })
}

/** As it can be typed elsewhere, where it listens at every address: nobody can type 0.0.0.0. */
function typed({ urls = [] }: Pick<Served, 'urls'>): { readonly plain: readonly string[]; readonly secure: readonly string[] } {
  return { plain: urls.filter((url) => url.startsWith('http:')).slice(0, mostTold), secure: urls.filter((url) => url.startsWith('https:')) }
}

const mostTold = 4

export function addDemo(program: Command, { stdout, stderr, env, clock, interrupted }: Terminal, finish: Finish, { serve }: ProgramPorts): void {
  program.command('demo').description('the server with a simulated depot of 8 charge points beside it')
    .option('--port <port>', 'port to listen on (0 = a free one)', '8080')
    .option('--seconds <n>', 'end by itself after so many seconds', positive)
    .addHelpText('after', '\nExamples:\n  kwota demo\n  kwota demo --seconds 60 --port 0')
    .action(async (options: { port: string; seconds?: number }) => {
      const { demo } = await import('./demo.ts')
      finish(await demo({ ...options, serve, clock, stdout, stderr, env, interrupted }))
    })
}

/** What says where a server listens and keeps its data. */
export function withServerFlags(command: Command): Command {
  return command
    .option('--host <address>', 'address to listen on (127.0.0.1)').option('--port <port>', 'port to listen on, 0 = a free one (8080)')
    .option('--data-dir <dir>', 'where the embedded store lies (./data)').option('--config <file>', 'configuration file (./kwota.yaml where there is one)')
    .option('--redis-url <url>', 'keep everything in Redis instead').option('--log-level <level>', 'debug, info, warn or error (info)')
}
