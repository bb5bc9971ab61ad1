// A list as CSV, kept as a file by the browser: all its pages one after the other.
import { notify } from '../parts/notice.tsx'

const releasedAfterMs = 60_000
const mostPages = 40

/** `path` under `/api/v1`. Up to 40 pages of it, and it is said where that was not all. */
export async function download(path: string, name: string): Promise<void> {
  try {
    const parts: string[] = []
    let next: string | null = `/api/v1${path}`
    for (let page = 0; next !== null && page < mostPages; page++) {
      const response: Response = await fetch(next, { headers: { Accept: 'text/csv' } })
      if (!response.ok) throw new Error(((await response.json()) as { detail?: string }).detail ?? response.statusText)
      const text = await response.text()
      // The names of the columns stand in each page.
      parts.push(page === 0 ? text : text.slice(text.indexOf('\n') + 1))
      next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('Link') ?? '')?.[1] ?? null
    }
    save(new Blob(parts, { type: 'text/csv' }), name)
    if (next !== null) notify(`Only the first ${mostPages} pages are in the file: choose a shorter time for the rest.`, { bad: true })
  } catch (error) {
    notify(error instanceof Error ? error.message : String(error), { bad: true })
  }
}

export function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), releasedAfterMs)
}
