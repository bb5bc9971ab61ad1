// What is answered at an address that no route has for this method: what is offered there, a page for a browser that was led astray, a problem for programs.
import type { Context } from 'koa'
import { Problem } from './problem.ts'
import type { Answer } from './route.ts'
import { missingPage } from './routes/pages.ts'

/** `methods` = those of the routes at this address. Throws Problem 404, or 405 with what is offered. */
export async function answerNowhere(ctx: Context, methods: ReadonlySet<string>): Promise<Answer> {
  if (methods.size === 0) {
    const file = wantsPage(ctx) ? await missingPage() : null
    if (file === null) throw new Problem(404, 'not-found', 'There is nothing at this address.')
    return { status: 404, file }
  }
  const Allow = [...methods, 'OPTIONS'].join(', ')
  if (ctx.method !== 'OPTIONS') throw new Problem(405, 'method-not-allowed', `Offered here: ${Allow}.`, { headers: { Allow } })
  return { status: 204, headers: { Allow } }
}

function wantsPage(ctx: Context): boolean {
  return (ctx.method === 'GET' || ctx.method === 'HEAD') && !/^\/(?:api|ocpp|assets)\//.test(ctx.path) && ctx.accepts('application/json', 'text/html') === 'text/html'
}
