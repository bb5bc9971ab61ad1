// The first thing read: how the site stands, in a sentence, with a colour, a sign and a word.
import { useEffect, useState } from 'preact/hooks'
import { Mark } from '../../parts/reading.tsx'
import type { OverviewView } from './overview.ts'

const marks = { ok: 'ok', limited: 'info', warning: 'warning', critical: 'bad' } as const
const words = { ok: 'All well', limited: 'Limited', warning: 'Look at it', critical: 'Act now' } as const
const announcedEveryMs = 5000

export function Sentence({ overview: { sentence, level } }: { overview: Pick<OverviewView, 'sentence' | 'level'> }) {
  const announced = useAnnouncement(`${words[level]}. ${sentence}`)
  return (
    <>
      <p class={`sentence card ${level}`}><Mark kind={marks[level]} /> <b>{words[level]}.</b> {sentence}</p>
      <p class="unseen" role="status" aria-live="polite">{announced}</p>
    </>
  )
}

/** What a screen reader is told: not each ampere, and not more often than every 5 s. */
function useAnnouncement(text: string): string {
  const [told, tell] = useState({ text, atMs: 0 })
  const changed = withoutAmps(text) !== withoutAmps(told.text)
  useEffect(() => {
    if (!changed) return
    const timer = setTimeout(() => tell({ text, atMs: performance.now() }), Math.max(0, told.atMs + announcedEveryMs - performance.now()))
    return () => clearTimeout(timer)
  }, [changed, text])
  return told.text
}

const withoutAmps = (text: string): string => text.replace(/^(.*?)\d+ of /, '$1')
