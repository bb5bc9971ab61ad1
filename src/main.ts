#!/usr/bin/env node
// The door: hands the command line what commands need of the house, which is loaded when one asks for it, so that most start at once.
import { runProgram } from './cli/program.ts'
import { systemClock as clock } from './clock.ts'
import { version } from './version.ts'

const stores = async () => (await import('./stores.ts')).createStores({ clock, version })

// Whoever reads our output may stop reading (`| head`): that is no failure.
process.stdout.on('error', (error: Error & { code?: string }) => { if (error.code === 'EPIPE') process.exit() })
process.exitCode = await runProgram(process.argv, {
  version, clock,
  serve: async (...given) => (await import('./serve.ts')).serve(...given),
  async openapi() {
    const [{ openapiDocument }, { routes }] = await Promise.all([import('./api/openapi.ts'), import('./api/routes.ts')])
    return openapiDocument(routes, version)
  },
  openHistory: async (...given) => (await stores()).openHistory(...given),
  stores: {
    openToDump: async (place) => (await stores()).openToDump(place),
    openToLook: async (place) => (await stores()).openToLook(place),
    openToReplace: async (...given) => (await stores()).openToReplace(...given),
  },
  async explain(error) {
    const { exitCodeOf, explain } = await import('./endings.ts')
    return { words: explain(error), exitCode: exitCodeOf(error) }
  },
})
