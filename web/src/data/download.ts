// An answer as CSV, kept as a file by the browser.
import { notify } from '../parts/notice.tsx'

const releasedAfterMs = 60_000

/** `path` under `/api/v1`. */
export async function download(path: string, name: string): Promise<void> {
  try {
    const response = await fetch(`/api/v1${path}`, { headers: { Accept: 'text/csv' } })
    if (!response.ok) throw new Error(((await response.json()) as { detail?: string }).detail ?? response.statusText)
    const address = URL.createObjectURL(await response.blob())
    const link = document.createElement('a')
    link.href = address
    link.download = name
    link.click()
    setTimeout(() => URL.revokeObjectURL(address), releasedAfterMs)
  } catch (error) {
    notify(error instanceof Error ? error.message : String(error), { bad: true })
  }
}
