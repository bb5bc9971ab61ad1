// What a page shows of the server: read again when an event says so or time has passed, at most once a second, and it knows its own age.
import { signal, type ReadonlySignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { call, Refusal, said } from './call.ts'
import { listen } from './events.ts'
import { serverNowMs } from './server-clock.ts'
import { keyNeeded } from './session.ts'

export interface Polled<T> {
  /** null until the first answer. */
  readonly data: T | null
  /** Why the newest reading failed; null when it did not. */
  readonly error: string | null
  /** HTTP status of the failure; 0 = no answer, null = none. */
  readonly status: number | null
  /** When the data came, ms since 1970 by kwota's clock; null = never. */
  readonly at: number | null
}

export interface PollOptions {
  /** Events after which it is read again. */
  readonly on?: readonly string[]
  /** Read again after so many milliseconds without an event. */
  readonly everyMs?: number
  /** The address at the time of asking, where it moves with the time; `path` then only names what is asked. */
  readonly address?: () => string
  /** Looked at after each answer; false = it is read again only when wanted, or after an event. */
  readonly goesOn?: (state: Polled<unknown>) => boolean
}

const shortestMs = 1000
const nothing = { data: null, error: null, status: null, at: null }

/** `path` null = nothing is asked. */
export function usePolled<T>(path: string | null, { on = [], everyMs = 5000, address, goesOn }: PollOptions = {}): { readonly state: ReadonlySignal<Polled<T>>; readonly again: () => void } {
  const poll = useMemo(() => (path === null ? idle<T>() : createPoll<T>(address ?? (() => path), on, everyMs, goesOn)), [path, everyMs, on.join()])
  useEffect(() => poll.start(), [poll])
  return poll
}

interface Poll<T> {
  readonly state: ReadonlySignal<Polled<T>>
  again(): void
  start(): () => void
}

function idle<T>(): Poll<T> {
  return { state: signal<Polled<T>>(nothing), again: () => undefined, start: () => () => undefined }
}

function createPoll<T>(address: () => string, on: readonly string[], everyMs: number, goesOn: PollOptions['goesOn']): Poll<T> {
  const state = signal<Polled<T>>(nothing)
  let timer: ReturnType<typeof setTimeout> | undefined
  let askedAtMs = 0
  let asking = false
  let wanted = false
  let ended = new AbortController()

  async function ask(): Promise<void> {
    // What is wanted now is asked when the page is looked at again; still wanted, that would seem to be under way.
    if (document.hidden) wanted = false
    if (asking || document.hidden || ended.signal.aborted) return
    asking = true
    wanted = false
    askedAtMs = performance.now()
    const { signal } = ended
    try {
      const data = await call<T>(address(), { signal })
      if (!signal.aborted) state.value = { data, error: null, status: null, at: serverNowMs() }
    } catch (error) {
      if (!signal.aborted) {
        const status = error instanceof Refusal ? error.status : null
        if (status === 401) keyNeeded.value = true
        state.value = { ...state.value, error: said(error), status }
      }
    } finally {
      asking = false
      if (!signal.aborted) plan()
    }
  }
  function plan(): void {
    clearTimeout(timer)
    if (!wanted && goesOn?.(state.value) === false) return
    const sinceMs = performance.now() - askedAtMs
    timer = setTimeout(() => void ask(), Math.max(0, (wanted ? shortestMs : everyMs) - sinceMs))
  }
  function again(): void {
    if (wanted) return
    wanted = true
    if (!asking) plan()
  }

  return {
    state,
    again,
    start() {
      ended = new AbortController()
      const endListening = on.length === 0 ? undefined : listen(on, again)
      const shown = (): void => {
        if (!document.hidden) again()
      }
      document.addEventListener('visibilitychange', shown)
      void ask()
      return () => {
        ended.abort()
        asking = false
        clearTimeout(timer)
        endListening?.()
        document.removeEventListener('visibilitychange', shown)
      }
    },
  }
}
