// What stands where data is to come: reading, failed, or too old, which greys the page out and says its age.
import { computed } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useMemo } from 'preact/hooks'
import type { Polled } from '../data/polled.ts'
import { nowMs } from '../data/now.ts'
import { ago } from '../data/words.ts'

const staleAfterMs = 12_000

/** `children` draws the data; older than 12 s (or `staleMs`) it is grey and said to be old. */
export function Reading<T>({ state, what, staleMs = staleAfterMs, children }: { state: Polled<T>; what: string; staleMs?: number; children: (data: T) => ComponentChildren }) {
  // Not the age itself, which would draw everything anew each second.
  const stale = useMemo(() => computed(() => nowMs.value - (state.at ?? 0) > staleMs), [state.at, staleMs]).value
  if (state.data === null) {
    if (state.error === null) return <p class="first" aria-busy="true">Reading {what} …</p>
    return <p role="alert" class="bad card">{state.error}</p>
  }
  return (
    <>
      {stale && <StaleNote state={state} />}
      <div class={stale ? 'stale' : undefined}>{children(state.data)}</div>
    </>
  )
}

/** The age is outside of what is announced: a screen reader would say it each second. */
function StaleNote({ state: { at, error } }: { state: Polled<unknown> }) {
  return (
    <div class="stale-note">
      <span role="alert"><Mark kind="warning" /> Not live: these data are old. {error ?? 'They are being read again.'}</span> <span>They are from {ago(at, nowMs.value)}.</span>
    </div>
  )
}

const marks = { ok: '✓', bad: '✗', warning: '▲', info: 'i', unknown: '?', waiting: '…', charging: '⚡' } as const

/** A sign beside words: never colour alone, and silent to a screen reader, which reads the words. */
export function Mark({ kind }: { kind: keyof typeof marks }) {
  return <span class={`mark ${kind}`} aria-hidden="true">{marks[kind]}</span>
}
