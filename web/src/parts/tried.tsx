// A change is tried before it is sent: what it would come to, then done, with the way back for 10 s.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { LimitPreview } from '../../../src/actors/limit-preview.ts'
import { Refusal, said } from '../data/call.ts'
import { nowMs } from '../data/now.ts'
import { matching, send, tryOut, type Wish } from '../data/wish.ts'
import { clock } from '../data/words.ts'
import { notify } from './notice.tsx'
import { PreviewTable } from './preview-table.tsx'

export type Tried = { readonly preview: LimitPreview } | { readonly refusal: string } | null

const pauseMs = 250

/** Of this very wish; null while it is not known, or where there is nothing to try. */
export function useTried(wish: Wish | null): Tried {
  const [tried, setTried] = useState<{ readonly asked: string; readonly answer: Tried }>({ asked: '', answer: null })
  const asked = wish === null ? '' : JSON.stringify(wish)
  const latest = useRef('')
  latest.current = asked
  useEffect(() => {
    if (wish === null) return
    const timer = setTimeout(() => {
      const answered = (answer: Tried): void => { if (latest.current === asked) setTried({ asked, answer }) }
      tryOut<LimitPreview>(wish).then((preview) => answered({ preview }), (error: unknown) => answered({ refusal: said(error) }))
    }, pauseMs)
    return () => clearTimeout(timer)
  }, [asked])
  return tried.asked === asked ? tried.answer : null
}

/** Only what was shown may be sent. */
export const isShown = (tried: Tried): boolean => tried !== null && 'preview' in tried

export function TriedView({ tried, nothing, zone }: { tried: Tried; nothing: string | null; zone: string }) {
  if (nothing !== null) return <p class="soft">{nothing}</p>
  if (tried === null) return <p class="soft">Working out what it comes to …</p>
  if ('refusal' in tried) return <p role="alert" class="bad">{tried.refusal}</p>
  return <><p class="soft">With the cars of now, at {clock(tried.preview.at, nowMs.peek(), zone)}:</p><PreviewTable preview={tried.preview} /></>
}

/** Undone only while it is as it was left. `back` of the answer = what undoes it, made when it is asked for; a text = why nothing does. */
export async function perform<T>(wish: Wish, done: string, back: (answer: T) => Wish | string, onChanged: () => void): Promise<void> {
  const { data, etag } = await send<T>(wish)
  onChanged()
  const hindered = back(data)
  if (typeof hindered === 'string') return void notify(`${done} No undo: ${hindered}`)
  const undo = async (): Promise<void> => {
    const wanted = back(data)
    if (typeof wanted === 'string') return void notify(`Not undone: ${wanted}`, { bad: true })
    try {
      await send(matching(wanted, etag))
      notify('Undone.')
    } catch (error) {
      notify(error instanceof Refusal && error.status === 412 ? `Not undone. ${error.message}` : said(error), { bad: true })
    }
    onChanged()
  }
  notify(done, { action: { label: 'Undo', run: () => void undo() } })
}
