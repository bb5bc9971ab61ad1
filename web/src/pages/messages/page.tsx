// All OCPP messages of every charge point, as they come.
import { chosenSite } from '../../data/sites.ts'
import type { PageProps } from '../../pages.ts'
import { Messages } from '../../parts/messages.tsx'

export function Page({ query }: PageProps) {
  const siteID = chosenSite.value
  return (
    <>
      <h1>Messages</h1>
      <Messages query={query} {...(siteID !== null && { siteID })} />
    </>
  )
}
