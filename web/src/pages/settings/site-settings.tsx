// What a site says about its charge points, what holds where it says nothing, and whose word that is.
import { useEffect, useState } from 'preact/hooks'
import type { SiteConfig } from '../../../../src/power/site.ts'
import { call, said, segment } from '../../data/call.ts'
import { usePolled } from '../../data/polled.ts'
import { may } from '../../data/session.ts'
import { Reading } from '../../parts/reading.tsx'
import type { Schema } from '../charge-point/command-schema.ts'
import { ChangeSetting } from './change-setting.tsx'
import { settingsShown, valueText, type Shown } from './setting-words.ts'

interface Described { readonly paths: Readonly<Record<string, { readonly put?: { readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema } | undefined>> } } } | undefined>> }
interface Effective { readonly effective: Readonly<Record<string, { readonly value: unknown; readonly source: string } | undefined>> }

export function SiteSettings({ siteID }: { siteID: string }) {
  const site = usePolled<SiteConfig>(`/sites/${segment(siteID)}`, { everyMs: 15_000 })
  const points = usePolled<{ data: readonly { readonly id: string }[] }>(`/chargepoints?siteID=${segment(siteID)}&limit=1`, { everyMs: 60_000 })
  const first = points.state.value.data?.data[0]?.id
  const held = usePolled<Effective>(first === undefined ? null : `/chargepoints/${segment(first)}/settings`, { everyMs: 15_000 })
  const [schema, setSchema] = useState<Schema | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const [editing, edit] = useState<Shown | null>(null)
  useEffect(() => {
    call<Described>('/openapi.json', { withinMs: 30_000 }).then(
      ({ paths }) => setSchema(paths['/api/v1/sites/{siteID}']?.put?.requestBody?.content?.['application/json']?.schema?.properties?.['settings'] ?? {}),
      (error: unknown) => setTrouble(said(error)),
    )
  }, [])

  return (
    <section class="card">
      <h2>What {siteID} says about its charge points</h2>
      <p class="soft">A charge point or connector may say otherwise for itself; its word stands before the site's.{!may('config:write') && ' Changing it needs the scope config:write.'}</p>
      {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
      <Reading state={site.state.value} what="the site" staleMs={45_000}>
        {({ settings = {} }) => (
          <div class="table" tabIndex={0} role="region" aria-label="Settings of the site">
            <table class="as-cards">
              <thead><tr><th scope="col">Setting</th><th scope="col">Value</th><th scope="col">Whose word</th><th scope="col"><span class="unseen">Change</span></th></tr></thead>
              <tbody>
                {settingsShown(settings, held.state.value.data?.effective ?? {}, Object.keys(schema?.properties ?? {})).map((shown) => (
                  <tr key={shown.key}>
                    <th scope="row">{shown.key}</th>
                    <td data-name="Value">{shown.value === undefined ? <span class="soft">{first === undefined ? 'built in' : 'not said, or a charge point says otherwise'}</span> : <code>{valueText(shown.value)}</code>}</td>
                    <td data-name="Whose">{shown.source === 'site' ? 'the site' : <span class="soft">built in, or kwota.yaml</span>}</td>
                    <td>{may('config:write') && <button type="button" aria-label={`Change ${shown.key}`} onClick={() => edit(shown)}>Change</button>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Reading>
      {editing !== null && <ChangeSetting siteID={siteID} shown={editing} schema={schema?.properties?.[editing.key] ?? {}} onClose={() => { edit(null); site.again(); held.again() }} />}
    </section>
  )
}
