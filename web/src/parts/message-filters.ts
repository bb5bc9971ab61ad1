// What is asked of the message log, as an address of REST and as one of a page.
export interface Filters {
  readonly clientID: string
  readonly action: string
  readonly direction: '' | 'in' | 'out'
  readonly errorsOnly: boolean
  readonly text: string
  /** `2026-11-24T12:00`, in the reader's time zone. */
  readonly from: string
  readonly to: string
}

export const noFilters: Filters = { clientID: '', action: '', direction: '', errorsOnly: false, text: '', from: '', to: '' }

/** Of a page's address; what is not there is not filtered. */
export function readFilters(query: URLSearchParams): Filters {
  const direction = query.get('direction')
  const word = (name: string): string => query.get(name) ?? ''
  return {
    clientID: word('clientID'), action: word('action'), direction: direction === 'in' || direction === 'out' ? direction : '', errorsOnly: query.get('errorsOnly') === 'true',
    text: word('text'), from: word('from'), to: word('to'),
  }
}

/** As a page's address holds them: only what says something. */
export function filtersAsQuery({ errorsOnly, ...texts }: Filters): Record<string, string> {
  return { ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')), ...(errorsOnly && { errorsOnly: 'true' }) }
}

/** The query of `GET /messages`; a time that is none is left out. */
export function askedOf(filters: Filters, more: Readonly<Record<string, string>>): string {
  const { from, to, ...rest } = filtersAsQuery({ ...filters, clientID: filters.clientID.trim(), action: filters.action.trim(), text: filters.text.trim() })
  return new URLSearchParams({ ...rest, ...instant('from', from), ...instant('to', to), ...more }).toString()
}

function instant(name: string, local: string | undefined): Record<string, string> {
  const ms = local === undefined ? NaN : new Date(local).getTime()
  return Number.isFinite(ms) ? { [name]: new Date(ms).toISOString() } : {}
}
