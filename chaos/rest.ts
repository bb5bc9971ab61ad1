// REST as a client sees it: an answer, or none because the line was cut.

export interface Answer {
  readonly status: number
  /** Null when it was cut off behind its head, or is no JSON. */
  readonly body: unknown
  readonly location: string | null
  readonly etag: string | null
}

export interface Rest {
  /** Null = there was no answer: what was asked for may have happened or not. */
  ask(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer | null>
}

const patienceMs = 30_000

/** `sent` is told of each request as it leaves. */
export function openRest(url: string, apiKey: string | null = null, sent: () => void = () => undefined): Rest {
  return {
    async ask(method, path, body, headers = {}) {
      try {
        const asking = fetch(`${url}${path}`, {
          method, signal: AbortSignal.timeout(patienceMs),
          headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }), ...headers },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        sent()
        const response = await asking
        const text = await response.text().catch(() => '')
        return { status: response.status, body: parsed(text), location: response.headers.get('location'), etag: response.headers.get('etag') }
      } catch {
        return null
      }
    },
  }
}

/** A field of what was answered; undefined where there is none. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}

/** The rows of a list, over all its pages; null when the line was cut. */
export async function listAll(rest: Rest, path: string): Promise<unknown[] | null> {
  const rows: unknown[] = []
  for (let cursor = ''; ;) {
    const answer = await rest.ask('GET', `${path}${path.includes('?') ? '&' : '?'}limit=500${cursor}`)
    if (answer === null || answer.status !== 200) return null
    const data = field(answer.body, 'data')
    if (!Array.isArray(data)) return null
    rows.push(...data as unknown[])
    const next = field(answer.body, 'nextCursor')
    if (typeof next !== 'string') return rows
    cursor = `&cursor=${encodeURIComponent(next)}`
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
