// The first thing read: how the site stands, in a sentence, with a colour, a sign and a word.
import { useAnnouncement } from '../../parts/announcement.ts'
import { Mark } from '../../parts/reading.tsx'
import type { OverviewView } from './overview.ts'

const marks = { ok: 'ok', limited: 'info', warning: 'warning', critical: 'bad' } as const
const words = { ok: 'All well', limited: 'Limited', warning: 'Look at it', critical: 'Act now' } as const

export function Sentence({ overview: { sentence, level } }: { overview: Pick<OverviewView, 'sentence' | 'level'> }) {
  const announced = useAnnouncement(`${words[level]}. ${sentence}`, { sense: withoutAmps })
  return (
    <>
      <p class={`sentence card ${level}`}><Mark kind={marks[level]} /> <b>{words[level]}.</b> {sentence}</p>
      <p class="unseen" role="status" aria-live="polite">{announced}</p>
    </>
  )
}

/** Not each ampere is announced. */
const withoutAmps = (text: string): string => text.replace(/^(.*?)\d+ of /, '$1')
