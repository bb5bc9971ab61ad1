// A row of links that is wider than the page shows the one that is chosen.
import { useEffect, useRef } from 'preact/hooks'

/** For a nav that scrolls sideways; `chosen` = what moves it. */
export function useChosenInView(chosen: string) {
  const ref = useRef<HTMLElement>(null)
  useEffect(() => {
    const row = ref.current
    const link = row?.querySelector<HTMLElement>('[aria-current]')
    if (row === null || link === null || link === undefined) return
    row.scrollLeft += link.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - link.clientWidth) / 2
  }, [chosen])
  return ref
}
