// The chart of a site, loaded when the rest of the page stands.
export function Chart({ siteID }: { siteID: string; timezone: string; voltage: number }) {
  return <p class="unseen">{siteID}</p>
}
