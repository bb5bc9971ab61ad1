// The limits of a site: those in force with what each does, the day ahead, and the week as a calendar in which they are made and changed.
import { useState } from 'preact/hooks'
import type { CurtailmentView } from '../../../../src/actors/curtailment-record.ts'
import type { LimitStackView } from '../../../../src/actors/limit-views.ts'
import { segment } from '../../data/call.ts'
import { usePolled } from '../../data/polled.ts'
import { may } from '../../data/session.ts'
import { sites } from '../../data/sites.ts'
import { dayMs } from '../../data/zone.ts'
import type { PageProps } from '../../pages.ts'
import type { Point } from '../../parts/chart-geometry.ts'
import { Reading } from '../../parts/reading.tsx'
import { TimeChart } from '../../parts/time-chart.tsx'
import { BlockDialog, type BlockAim } from './block-dialog.tsx'
import { Calendar } from './calendar.tsx'
import type { KeptSchedule } from './changes.ts'
import { CurtailmentDialog } from './curtailment-dialog.tsx'
import { Outlook, Stack } from './stack.tsx'

interface List<T> { readonly data: readonly T[] }
type Open = { readonly curtailment: CurtailmentView | null } | { readonly block: BlockAim } | null

const changes = ['limit.changed', 'limit.expired', 'resync']

export function Page({ parts }: PageProps) {
  const siteID = parts['siteID'] ?? ''
  const zone = sites.value.find(({ id }) => id === siteID)?.timezone ?? 'UTC'
  const base = `/sites/${segment(siteID)}`
  const stack = usePolled<LimitStackView>(`${base}/limits`, { on: changes, everyMs: 10_000 })
  const schedules = usePolled<List<KeptSchedule>>(`${base}/limit-schedules?limit=100`, { on: changes, everyMs: 30_000 })
  const curtailments = usePolled<List<CurtailmentView>>(`${base}/curtailments?limit=200`, { on: changes, everyMs: 15_000 })
  const [open, setOpen] = useState<Open>(null)
  const editable = may('limits:write')
  const again = (): void => { stack.again(); schedules.again(); curtailments.again() }
  const kept = schedules.state.value.data?.data ?? []
  const close = (): void => setOpen(null)
  const openLimit = (id: string): void => {
    const curtailment = curtailments.state.value.data?.data.find((one) => `curtailment:${one.id}` === id)
    const schedule = kept.find((one) => `schedule:${one.id}` === id)
    if (curtailment !== undefined) setOpen({ curtailment })
    else if (schedule !== undefined) setOpen({ block: { kind: schedule.weekly === undefined ? 'interval' : 'weekly', schedule, index: schedule.weekly === undefined && schedule.intervals === undefined ? -1 : 0 } })
  }
  return (
    <>
      <h1>Limits</h1>
      {editable ? (
        <p class="line">
          <button type="button" class="main" onClick={() => setOpen({ curtailment: null })}>New curtailment …</button>
          <button type="button" onClick={() => setOpen({ block: { kind: 'weekly', schedule: null, index: 0 } })}>New weekly block …</button>
          <button type="button" onClick={() => setOpen({ block: { kind: 'interval', schedule: null, index: 0 } })}>New interval …</button>
        </p>
      ) : <p class="soft">Changing limits needs a key with the scope <code>limits:write</code>.</p>}
      <Reading state={stack.state.value} what="the limits" staleMs={25_000}>
        {(view: LimitStackView) => (
          <>
            <section class="card" aria-labelledby="stack"><h2 id="stack">In force now</h2><Stack view={view} zone={zone} onOpen={editable ? openLimit : null} /></section>
            <section class="card" aria-labelledby="outlook"><h2 id="outlook">The next 24 hours</h2>
              <TimeChart lines={[{ name: 'limit in effect, A per phase', points: outlookOf(view), step: true, look: 'measured' }]} fromMs={Date.parse(view.at)} toMs={Date.parse(view.at) + dayMs} unit="A" zone={zone} height={180}
                label={`The limit of the next 24 hours: now ${view.effective.currentA} A per phase, with ${view.outlook.length - 1} changes. The same is in the table below.`} />
              <Outlook view={view} zone={zone} />
            </section>
          </>
        )}
      </Reading>
      <section class="card" aria-labelledby="calendar"><h2 id="calendar">Calendar <span class="soft">({zone})</span></h2>
        <Reading state={schedules.state.value} what="the calendar" staleMs={90_000}>{() => <Reading state={curtailments.state.value} what="the calendar" staleMs={60_000}>
          {({ data }: List<CurtailmentView>) => <Calendar zone={zone} schedules={kept} curtailments={data} editable={editable} onOpen={(of) => setOpen(of.kind === 'curtailment' ? { curtailment: of.curtailment } : { block: { kind: of.kind, schedule: of.schedule, index: of.index } })} />}
        </Reading>}</Reading>
      </section>
      {open !== null && 'curtailment' in open && <CurtailmentDialog siteID={siteID} zone={zone} curtailment={open.curtailment} onChanged={again} onClose={close} />}
      {open !== null && 'block' in open && <BlockDialog siteID={siteID} zone={zone} aim={open.block} schedules={kept} onChanged={again} onClose={close} />}
    </>
  )
}

function outlookOf({ at, outlook }: LimitStackView): Point[] {
  const last = outlook.at(-1)
  return [...outlook.map((step): Point => [Date.parse(step.at), step.currentA]), ...(last === undefined ? [] : [[Date.parse(at) + dayMs, last.currentA] as const])]
}
