// The addresses of the pages and their files; everything the pages show comes over the REST API.
import { z } from 'zod'
import { createPages, type PageFile } from '../pages.ts'
import { Problem } from '../problem.ts'
import { defineRoute, type Answer, type Route } from '../route.ts'

const pages = createPages()
const tag = 'pages'

/** Every address at which the pages begin, with the name of its operation. */
const addresses: Readonly<Record<string, string>> = {
  '/': 'getPage',
  '/sites/{siteID}': 'getSitePage',
  '/sites/{siteID}/chargepoints': 'getChargePointsPage',
  '/sites/{siteID}/circuits': 'getCircuitsPage',
  '/sites/{siteID}/limits': 'getLimitsPage',
  '/sites/{siteID}/sessions': 'getSessionsPage',
  '/sites/{siteID}/activity': 'getActivityPage',
  '/chargepoints/{clientID}': 'getChargePointPage',
  '/sessions/{transactionID}': 'getSessionPage',
  '/lobby': 'getLobbyPage',
  '/connect': 'getConnectPage',
  '/messages': 'getMessagesPage',
  '/inspect': 'getInspectPage',
  '/settings': 'getSettingsPage',
  '/docs': 'getDocsPage',
}

/** What a browser is shown where no page is: the same document, which says so; null where the pages were not built. */
export const missingPage = (): Promise<PageFile | null> => pages.document()

export const pageRoutes: readonly Route[] = [
  ...Object.entries(addresses).map(([path, operationId]) => defineRoute({
    method: 'GET', path, operationId, tag, summary: 'A page', scope: 'public', reach: 'anyone', page: true, params: parametersOf(path),
    answers: { 200: { description: 'The document of every page', content: { 'text/html': z.string() } } },
    problems: [503],
    async handle() {
      const file = await pages.document()
      if (file === null) throw new Problem(503, 'pages-not-built', 'The pages were not built.', { hint: 'Run npm run build, then start kwota again.' })
      return answer(file, 'no-cache')
    },
  })),
  defineRoute({
    method: 'GET', path: '/assets/{file}', operationId: 'getPageFile', tag, summary: 'A file of the pages', scope: 'public', reach: 'anyone', page: true,
    params: z.strictObject({ file: z.string().max(128) }),
    answers: { 200: { description: 'Its content; its name changes with it', content: { 'text/javascript': z.string(), 'text/css': z.string(), 'image/svg+xml': z.string() } } },
    async handle({ params }) {
      const file = await pages.asset(params.file)
      if (file === null) throw new Problem(404, 'not-found', 'There is no such file.', { hint: 'kwota may have been updated: load the page again.' })
      return answer(file, 'public, max-age=31536000, immutable')
    },
  }),
]

function answer(file: PageFile, cache: string): Answer {
  return { status: 200, headers: { 'Cache-Control': cache }, file }
}

function parametersOf(path: string): z.ZodObject {
  return z.strictObject(Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, z.string()])))
}
