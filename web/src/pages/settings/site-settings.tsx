// What a site says about its charge points, what holds where it says nothing, and whose word that is.
import { useEffect, useState } from 'preact/hooks'
import type { SiteConfig } from '../../../../src/power/site.ts'
import { call, said, segment } from '../../data/call.ts'
import { usePolled } from '../../data/polled.ts'
import { may } from '../../data/session.ts'
import { Reading } from '../../parts/reading.tsx'
import type { Schema } from '../../data/json-schema.ts'
import { ChangeSetting } from './change-setting.tsx'
import { settingGroups, settingNames } from './setting-names.ts'
import { settingsShown, valueShown, type Shown } from './setting-words.ts'

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
      <h2>What the site says about its charge points</h2>
      <p class="soft">For all charge points of {siteID}. A charge point or connector may say otherwise for itself; its word stands before the site's.{!may('config:write') && ' Changing it needs the scope config:write.'}</p>
      {trouble !== null && <p role="alert" class="bad">{trouble}</p>}
      <Reading state={site.state.value} what="the site" staleMs={45_000}>
        {({ settings = {} }) => (
          <div class="table" tabIndex={0} role="region" aria-label="Settings of the site">
            <table class="as-cards settings">
              <thead><tr><th scope="col">Setting</th><th scope="col">Value</th><th scope="col">Whose word</th><th scope="col"><span class="unseen">Change</span></th></tr></thead>
              {settingGroups.map(({ title, keys }) => (
                <tbody key={title}>
                  <tr class="group"><th scope="rowgroup" colSpan={4}>{title}</th></tr>
                  {settingsShown(settings, held.state.value.data?.effective ?? {}, keys).map((shown) => <SettingRow key={shown.key} shown={shown} known={first !== undefined} onChange={schema === null ? null : () => edit(shown)} />)}
                </tbody>
              ))}
            </table>
          </div>
        )}
      </Reading>
      {editing !== null && <ChangeSetting siteID={siteID} shown={editing} schema={schema?.properties?.[editing.key] ?? {}} onClose={() => { edit(null); site.again(); held.again() }} />}
    </section>
  )
}

function SettingRow({ shown: { key, value, source }, known, onChange }: { shown: Shown; known: boolean; onChange: (() => void) | null }) {
  const { label, unit, meaning } = settingNames[key]
  return (
    <tr>
      <th scope="row">{label} <code class="soft small">{key}</code><div class="soft small">{meaning}</div></th>
      <td data-name="Value" class="value">{value === undefined ? <span class="soft">{known ? 'not said, or a charge point says otherwise' : 'built in'}</span> : valueShown(value, unit)}</td>
      <td data-name="Whose">{source === 'site' ? <b>the site</b> : <span class="soft">built in, or kwota.yaml</span>}</td>
      <td>{may('config:write') && onChange !== null && <button type="button" aria-label={`Change ${key}`} onClick={onChange}>Change</button>}</td>
    </tr>
  )
}
