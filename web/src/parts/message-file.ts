// The messages that fit as one CSV file, put together from the pages REST gives.
import { Refusal } from '../data/call.ts'

const mostPages = 20

/** Pieces of one file; `cut` = there were more than 10,000 messages. Rejects with `Refusal`. `query`: of `GET /messages`. */
export async function messagesAsCsv(query: string): Promise<{ readonly pieces: readonly string[]; readonly cut: boolean }> {
  const pieces: string[] = []
  let next: string | null = `/api/v1/messages?${query}`
  for (let page = 0; page < mostPages && next !== null; page += 1) {
    const response: Response = await fetch(next, { headers: { Accept: 'text/csv' } })
    const text = await response.text()
    if (!response.ok) throw new Refusal(response.status, 'refused', detailOf(text), null)
    pieces.push(page === 0 ? text : withoutHeader(text))
    next = nextOf(response.headers.get('Link'))
  }
  return { pieces, cut: next !== null }
}

/** The names of the columns stand in the first line of each page. */
export function withoutHeader(csv: string): string {
  const end = csv.indexOf('\n')
  return end === -1 ? '' : csv.slice(end + 1)
}

/** `<…>; rel="next"` → the address. */
export function nextOf(link: string | null): string | null {
  return /<([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1] ?? null
}

function detailOf(text: string): string {
  try {
    return (JSON.parse(text) as { detail?: string }).detail ?? 'kwota refused.'
  } catch {
    return 'kwota refused.'
  }
}
