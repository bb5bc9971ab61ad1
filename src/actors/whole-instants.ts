// Pages of rows cut so that no instant is on two of them: what is measured at once belongs together.

/** `pages` are ascending in time. An instant of very many rows makes a long page. */
export async function* wholeInstants<Row extends { readonly atMs: number }>(pages: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
  let held: Row[] = []
  for await (const page of pages) {
    const lastMs = page.at(-1)?.atMs
    if (lastMs === undefined) continue
    const cut = page.findIndex(({ atMs }) => atMs === lastMs)
    if (cut > 0 || held[0]?.atMs !== lastMs) {
      const whole = [...held, ...page.slice(0, cut)]
      if (whole.length > 0) yield whole
      held = []
    }
    for (const row of page.slice(cut)) held.push(row)
  }
  if (held.length > 0) yield held
}
