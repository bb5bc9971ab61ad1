// A change is tried before it is sent: what it would come to, then done, with the way back for 10 s.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { LimitPreview } from '../../../../src/actors/limit-preview.ts'
import { callTagged, Refusal, said } from '../../data/call.ts'
import { clock } from '../../data/words.ts'
import { notify } from '../../parts/notice.tsx'
import { PreviewTable } from '../../parts/preview-table.tsx'
import { matching, type Wish } from './changes.ts'

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
      const { ifMatch: _, ...loose } = wish
      send<LimitPreview>({ ...loose, path: `${wish.path}?dryRun=true` }).then(({ data }) => answered({ preview: data }), (error: unknown) => answered({ refusal: said(error) }))
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

export function send<T>({ method, path, body, ifMatch }: Wish): Promise<{ readonly data: T; readonly etag: string | null }> {
  return callTagged<T>(path, { method, ...(body !== undefined && { body }), ...(ifMatch !== undefined && { headers: { 'If-Match': ifMatch } }) })
}

/** Undone only while it is as it was left. `back` of the answer = what undoes it. */
export async function perform<T>(wish: Wish, done: string, back: (answer: T) => Wish, onChanged: () => void): Promise<void> {
  const { data, etag } = await send<T>(wish)
  onChanged()
  const undo = async (): Promise<void> => {
    try {
      await send(matching(back(data), etag))
      notify('Undone.')
    } catch (error) {
      notify(error instanceof Refusal && error.status === 412 ? `Not undone. ${error.message}` : said(error), { bad: true })
    }
    onChanged()
  }
  notify(done, { action: { label: 'Undo', run: () => void undo() } })
}
