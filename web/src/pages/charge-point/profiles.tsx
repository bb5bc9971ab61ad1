// The charging profiles that stand at a charge point: whose they are, what it answered, and what they come to.
import { useState } from 'preact/hooks'
import type { ProfileView } from '../../../../src/actors/profile-face.ts'
import { call, said, segment } from '../../data/call.ts'
import { nowMs } from '../../data/now.ts'
import { usePolled } from '../../data/polled.ts'
import { may } from '../../data/session.ts'
import { clock, num } from '../../data/words.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { notify } from '../../parts/notice.tsx'
import { Mark, Reading } from '../../parts/reading.tsx'
import { Composite } from './composite.tsx'
import type { TabProps } from './page.tsx'

export function Profiles({ point }: TabProps) {
  const path = `/chargepoints/${segment(point.id)}/charging-profiles`
  const profiles = usePolled<{ data: readonly ProfileView[] }>(`${path}?limit=500`, { on: ['profile.accepted', 'profile.rejected', 'profile.ignored', 'command.finished'] })
  const [clearing, clear] = useState<ProfileView | null>(null)

  async function take(profile: ProfileView): Promise<void> {
    clear(null)
    try {
      await call(`${path}/${profile.chargingProfile.chargingProfileId}`, { method: 'DELETE', withinMs: 35_000 })
      notify(`Told ${point.id} to clear profile ${profile.chargingProfile.chargingProfileId}.`)
    } catch (error) {
      notify(said(error), { bad: true })
    }
    profiles.again()
  }

  return (
    <>
      <Composite point={point} />
      <div class="line spread">
        <h2>Profiles that stand there</h2>
        {may('commands:write') && <a class="button" href={`/chargepoints/${segment(point.id)}?tab=commands&action=set-charging-profile`}>Send one …</a>}
      </div>
      <Reading state={profiles.state.value} what="the profiles">
        {({ data }) => (data.length === 0 ? <p class="card">None.</p> : (
          <div class="table" tabIndex={0} role="region" aria-label="Charging profiles">
            <table class="as-cards">
              <thead><tr><th scope="col">Profile</th><th scope="col">Connector</th><th scope="col">Whose</th><th scope="col">Limit</th><th scope="col">Its answer</th><th scope="col"><span class="unseen">Clear</span></th></tr></thead>
              <tbody>{data.map((profile) => <ProfileRow key={`${profile.connectorId} ${profile.chargingProfile.chargingProfileId}`} profile={profile} clear={clear} />)}</tbody>
            </table>
          </div>
        ))}
      </Reading>
      {clearing !== null && (
        <Confirm title={`Clear profile ${clearing.chargingProfile.chargingProfileId}?`} action="Clear it" onClose={() => clear(null)} onYes={() => void take(clearing)}>
          {point.id} is told to forget it, and what it limited is free for the cars again, as far as kwota's own limits allow.
        </Confirm>
      )}
    </>
  )
}

function ProfileRow({ profile: { connectorId, chargingProfile, owner, status, setAt, answeredAt, reason }, profile, clear }: { profile: ProfileView; clear: (profile: ProfileView) => void }) {
  const { chargingProfileId, chargingProfilePurpose, chargingProfileKind, stackLevel, transactionId, chargingSchedule: { chargingRateUnit, chargingSchedulePeriod } } = chargingProfile
  const now = nowMs.value
  return (
    <tr>
      <th scope="row">{chargingProfilePurpose}<span class="soft small"> {chargingProfileId}, {chargingProfileKind}, level {stackLevel}{transactionId !== undefined && `, transaction ${transactionId}`}</span>
        <details class="small inside"><summary>JSON</summary><pre tabIndex={0}>{JSON.stringify(chargingProfile, null, 2)}</pre></details>
      </th>
      <td data-name="Connector">{connectorId}</td>
      <td data-name="Whose">{owner === 'engine' ? 'kwota\'s engine' : 'sent by people'}</td>
      <td data-name="Limit">{chargingSchedulePeriod.slice(0, 4).map(({ startPeriod, limit }, index) => `${index === 0 ? '' : `after ${span(startPeriod)} `}${num(limit)} ${chargingRateUnit}`).join(', ')}{chargingSchedulePeriod.length > 4 && ` and ${chargingSchedulePeriod.length - 4} more`}</td>
      <td data-name="Answer"><Mark kind={status === 'Accepted' ? 'ok' : status === 'Rejected' || status === 'NotSupported' ? 'bad' : 'waiting'} /> {status}{reason !== null && `: ${reason}`} <span class="soft small">{clock(answeredAt ?? setAt, now)}</span></td>
      <td>{owner === 'user' && may('commands:write') && <button type="button" class="danger" onClick={() => clear(profile)}>Clear …</button>}</td>
    </tr>
  )
}

const span = (s: number): string => (s % 60 === 0 ? `${s / 60} min` : `${s} s`)
