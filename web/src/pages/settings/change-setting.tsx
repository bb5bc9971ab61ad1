// The dialog that changes one setting of a site, or takes the site's word back.
import { useState } from 'preact/hooks'
import type { SiteConfig } from '../../../../src/power/site.ts'
import { call, callTagged, said, segment } from '../../data/call.ts'
import { Dialog } from '../../parts/dialog.tsx'
import type { Schema } from '../../data/json-schema.ts'
import { settingNames } from './setting-names.ts'
import { allowedText, valueOf, valueText, type Shown } from './setting-words.ts'

export function ChangeSetting({ siteID, shown: { key, value, source }, schema, onClose }: { siteID: string; shown: Shown; schema: Schema; onClose: () => void }) {
  const [text, setText] = useState(valueText(value))
  /** What the site said itself when it was read. */
  const [own, setOwn] = useState<unknown>(source === 'site' ? value : undefined)
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)

  async function put(change: (settings: Record<string, unknown>) => void): Promise<void> {
    setBusy(true)
    setTrouble(null)
    try {
      // As it is at this moment; whoever changes it in between is not overwritten.
      const { data, etag } = await callTagged<SiteConfig>(`/sites/${segment(siteID)}`)
      const settings: Record<string, unknown> = { ...data.settings }
      if (JSON.stringify(settings[key]) !== JSON.stringify(own)) {
        setOwn(settings[key])
        setTrouble(`Not saved: it has changed meanwhile, to ${settings[key] === undefined ? 'what is built in' : valueText(settings[key])}. What you typed stays; look at it once more, then save.`)
        setBusy(false)
        return
      }
      change(settings)
      await call(`/sites/${segment(siteID)}`, { method: 'PUT', body: { ...data, settings }, headers: etag === null ? {} : { 'If-Match': etag } })
      onClose()
    } catch (error) {
      setTrouble(error instanceof SyntaxError ? 'This is no JSON.' : said(error))
      setBusy(false)
    }
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault()
    void put((settings) => { settings[key] = valueOf(schema, text) })
  }
  const set = ({ currentTarget }: { currentTarget: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement }): void => setText(currentTarget.value)
  const { label, unit, meaning } = settingNames[key]
  const choices = schema.type === 'boolean' ? ['true', 'false'] : schema.enum?.map(String)
  return (
    <Dialog title={label} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <p>{meaning} {allowedText(schema)} <code class="soft small">{key}</code></p>
        <label>For all charge points of {siteID}{unit !== undefined && `, ${unit}`}
          {choices !== undefined
            ? <select required value={text} onChange={set}><option value="">Choose</option>{choices.map((choice) => <option key={choice}>{choice}</option>)}</select>
            : schema.type === 'integer' || schema.type === 'number'
              ? <input type="number" step={schema.type === 'integer' ? 1 : 'any'} required value={text} onInput={set} />
              : schema.type === 'object' ? <textarea class="wide" rows={6} spellcheck={false} required value={text} onInput={set} /> : <input class="wide" required spellcheck={false} value={text} onInput={set} />}
        </label>
        {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
        <p class="line">
          <button type="submit" class="main" disabled={busy}>{busy ? 'Saving …' : 'Save'}</button>
          {source === 'site' && <button type="button" disabled={busy} onClick={() => void put((settings) => { delete settings[key] })}>Take the site's word back</button>}
          <button type="button" onClick={onClose}>Cancel</button>
        </p>
      </form>
    </Dialog>
  )
}
