// The page of a site.
import type { PageProps } from '../../pages.ts'

export function Page({ parts }: PageProps) {
  return <h1>{parts['siteID']}</h1>
}
