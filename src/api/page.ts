// The page at `/`: each site in a sentence, its power, its connectors and why, and a form for the limit. No outside requests.

export const pageHtml = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>kwota</title>
<link rel="stylesheet" href="/page.css">
<h1>kwota</h1>
<p id="state" role="status">Reading …</p>
<form id="entry" hidden><label>API key <input name="key" type="password" autocomplete="off" required></label> <button>Enter</button></form>
<main id="sites"></main>
<p><a href="/api/v1/openapi.json">API description</a></p>
<script type="module" src="/page.js"></script>
</html>
`

export const pageStyle = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 62rem; margin: 0 auto; padding: 1rem }
meter { width: 100%; height: 1.5rem }
.table { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8886 }
.stale main { opacity: .5 }
input, button { font: inherit }
`

export const pageScript = `const sites = document.getElementById('sites'), state = document.getElementById('state'), entry = document.getElementById('entry')
let readAt = 0, waiting = false, stream = null

function el(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties)
  node.append(...children)
  return node
}
async function call(path, options = {}) {
  const response = await fetch('/api/v1' + path, options)
  if (response.status === 401) entry.hidden = false
  if (!response.ok) throw new Error((await response.json()).detail)
  return response.json()
}
const sum = (amps) => Math.max(amps.L1, amps.L2, amps.L3)
const round = (n) => n === null ? '–' : String(Math.round(n * 10) / 10)

function section(site) {
  const input = el('input', { name: 'currentA', type: 'number', min: 0, step: 'any', required: true, size: 6 })
  const answer = el('output')
  const form = el('form', {}, el('label', {}, 'Grid limit, A per phase ', input), ' ', el('button', {}, 'Set limit'), ' ', answer)
  form.onsubmit = async (event) => {
    event.preventDefault()
    try {
      const body = JSON.stringify({ currentA: Number(input.value) })
      const { propagation: p } = await call('/sites/' + encodeURIComponent(site.id) + '/grid-limit', { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body })
      answer.value = 'Set. Told ' + p.told + ' of ' + p.targets + ', confirmed ' + p.confirmed + '.'
    } catch (error) { answer.value = error.message }
    read()
  }
  const live = el('div', { className: 'live' })
  const node = el('section', {}, el('h2', {}, site.name ?? site.id), live, form)
  node.dataset.site = site.id
  return node
}
async function fill(node, site) {
  const power = await call('/sites/' + encodeURIComponent(site.id) + '/power')
  const root = power.circuits.find((circuit) => circuit.parent === null)
  const used = root ? sum(root.measuredA) : 0, reserved = root ? sum(root.reservedA) : 0, limit = power.effective.currentA
  const charging = power.connectors.filter((c) => c.transactionId !== null && c.allocatedA > 0).length
  const queued = power.connectors.filter((c) => c.transactionId !== null && c.allocatedA === 0).length
  const sentence = round(used) + ' of ' + round(limit) + ' A in use. ' + charging + ' charging, ' + queued + ' waiting. Limited by ' + power.effective.binding + '. ' + power.state[0].toUpperCase() + power.state.slice(1) + '.'
  const rows = await Promise.all(power.connectors.map(async (c) => {
    const why = await call('/chargepoints/' + encodeURIComponent(c.clientID) + '/connectors/' + c.connectorId + '/allocation').catch(() => ({ summary: '–' }))
    return el('tr', {}, el('th', { scope: 'row' }, c.clientID + '/' + c.connectorId), el('td', {}, c.online ? c.status : 'offline'),
      el('td', {}, round(c.allocatedA)), el('td', {}, round(c.measuredA)), el('td', {}, why.summary))
  }))
  const head = el('tr', {}, ...['Connector', 'State', 'Allocated A', 'Measured A', 'Why'].map((text) => el('th', { scope: 'col' }, text)))
  node.querySelector('.live').replaceChildren(
    el('p', {}, sentence),
    el('p', {}, 'Measured ' + round(used) + ' A, reserved ' + round(reserved) + ' A, limit ' + round(limit) + ' A.'),
    el('meter', { min: 0, max: Math.max(limit, reserved, 1), value: reserved, ariaLabel: 'Reserved current against the limit' }),
    el('div', { className: 'table' }, el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows))))
}
async function read() {
  if (waiting) return
  waiting = true
  try {
    const { data } = await call('/sites')
    for (const node of [...sites.children]) if (!data.some((site) => site.id === node.dataset.site)) node.remove()
    for (const site of data) {
      let node = [...sites.children].find((child) => child.dataset.site === site.id)
      if (!node) sites.append(node = section(site))
      await fill(node, site)
    }
    readAt = Date.now()
    entry.hidden = true
    tell('Up to date.')
    if (!stream) listen()
  } catch (error) { tell(error.message) }
  setTimeout(() => { waiting = false }, 1000)
}
function tell(text) {
  const ageS = Math.round((Date.now() - readAt) / 1000), stale = readAt > 0 && ageS > 10
  document.body.classList.toggle('stale', stale)
  const line = stale ? 'No news for ' + ageS + ' s: ' + text : text
  if (state.textContent !== line) state.textContent = line
}
function listen() {
  stream = new EventSource('/api/v1/events')
  stream.onmessage = read
  for (const type of ['connector.status', 'transaction.started', 'transaction.stopped', 'limit.changed', 'limit.expired', 'allocation.changed', 'resync']) stream.addEventListener(type, read)
}
entry.onsubmit = async (event) => {
  event.preventDefault()
  try {
    await call('/session', { method: 'POST', headers: { Authorization: 'Bearer ' + new FormData(entry).get('key') } })
    entry.reset()
    read()
  } catch (error) { tell(error.message) }
}
setInterval(read, 3000)
read()
`
