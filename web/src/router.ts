// Which page the address names; links change the address without a new document.
import { signal } from '@preact/signals'

export const address = signal(here())

function here(): { readonly path: string; readonly query: URLSearchParams } {
  return { path: location.pathname, query: new URLSearchParams(location.search) }
}

/** `to`: a path of ours, with its query. */
export function go(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', to)
  else history.pushState(null, '', to)
  address.value = here()
  if (!replace) scrollTo(0, 0)
}

addEventListener('popstate', () => { address.value = here() })
addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (link === null || link.target !== '' || link.hasAttribute('download') || link.origin !== location.origin || link.pathname.startsWith('/api/')) return
  if (link.hash !== '' && link.pathname === location.pathname) return
  event.preventDefault()
  go(link.pathname + link.search)
})

/** The parts of `/sites/{siteID}/limits` that `pattern` names, decoded; null when it is another address. */
export function matched(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split('/')
  const given = path.split('/')
  if (wanted.length !== given.length) return null
  const parts: Record<string, string> = {}
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? ''
    if (!part.startsWith('{')) {
      if (part !== value) return null
    } else parts[part.slice(1, -1)] = decoded(value)
  }
  return parts
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
