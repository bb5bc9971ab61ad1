// A change is tried before it is sent: what it would come to, then done, with the way back for 10 s.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { LimitPreview } from '../../../../src/actors/limit-preview.ts'
import { call, said } from '../../data/call.ts'
import { clock } from '../../data/words.ts'
import { notify } from '../../parts/notice.tsx'
import { PreviewTable } from '../../parts/preview-table.tsx'
import type { Wish } from './changes.ts'

export type Tried = { readonly preview: LimitPreview } | { readonly refusal: string } | null

const pauseMs = 250

/** null while it is not known, or where there is nothing to try. */
export function useTried(wish: Wish | null): Tried {
  const [tried, setTried] = useState<{ readonly asked: string; readonly answer: Tried }>({ asked: '', answer: null })
  const asked = wish === null ? '' : JSON.stringify(wish)
  const latest = useRef('')
  latest.current = asked
  useEffect(() => {
    if (wish === null) return
    const timer = setTimeout(() => {
      const answered = (answer: Tried): void => { if (latest.current === asked) setTried({ asked, answer }) }
      send<LimitPreview>({ ...wish, path: `${wish.path}?dryRun=true` }).then((preview) => answered({ preview }), (error: unknown) => answered({ refusal: said(error) }))
    }, pauseMs)
    return () => clearTimeout(timer)
  }, [asked])
  return tried.asked === asked ? tried.answer : null
}

export function TriedView({ tried, nothing, zone }: { tried: Tried; nothing: string | null; zone: string }) {
  if (nothing !== null) return <p class="soft">{nothing}</p>
  if (tried === null) return <p class="soft">Working out what it comes to …</p>
  if ('refusal' in tried) return <p role="alert" class="bad">{tried.refusal}</p>
  return <><p class="soft">With the cars of now, at {clock(tried.preview.at, Date.now(), zone)}:</p><PreviewTable preview={tried.preview} /></>
}

export function send<T>({ method, path, body }: Wish): Promise<T> {
  return call<T>(path, { method, ...(body !== undefined && { body }) })
}

/** `back` of the answer = what undoes it. */
export async function perform<T>(wish: Wish, done: string, back: (answer: T) => Wish, onChanged: () => void): Promise<void> {
  const answer = await send<T>(wish)
  onChanged()
  notify(done, { action: { label: 'Undo', run: () => { send(back(answer)).then(() => notify('Undone.'), (error: unknown) => notify(said(error), { bad: true })).finally(onChanged) } } })
}
