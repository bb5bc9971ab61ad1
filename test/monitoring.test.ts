// Dashboard and alert rules ask only for what the registry has, cover every critical alert, and are sound in the eyes of Prometheus.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { alertSeverity } from '../src/actors/alerts.ts'
import { exposed } from './exposed.ts'
import { promtool, withoutPromtool } from './promtool.ts'

const folder = join(import.meta.dirname, '../monitoring')
const read = (path: string) => readFileSync(join(folder, path), 'utf8')

const ruleSchema = z.strictObject({
  alert: z.string().regex(/^Kwota[A-Z]\w+$/), expr: z.string(), for: z.string().regex(/^\d+[sm]$/).optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']), code: z.string().optional() }),
  annotations: z.strictObject({ summary: z.string().min(10), description: z.string().min(20) }),
})
const rules = z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(ruleSchema) })) }).parse(parse(read('alert-rules.yml'))).groups.flatMap((group) => group.rules)

const source = z.object({ type: z.literal('prometheus'), uid: z.literal('prometheus') })
const panelSchema = z.object({
  id: z.int(), title: z.string().min(1), type: z.enum(['stat', 'timeseries', 'table']), datasource: source,
  gridPos: z.strictObject({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1).max(24), h: z.int().min(1) }),
  targets: z.array(z.object({ refId: z.string(), expr: z.string(), datasource: source })).min(1),
})
const dashboard = z.object({ uid: z.literal('kwota'), title: z.literal('kwota'), panels: z.array(panelSchema), templating: z.object({ list: z.array(z.object({ name: z.string(), definition: z.string() })) }) }).parse(JSON.parse(read('grafana/dashboards/kwota.json')))
/** As Grafana fills them in. */
const asked = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$site', '.*')))
const expressions = [...asked, ...rules.map(({ expr }) => expr), ...dashboard.templating.list.map(({ definition }) => definition)]

test('every metric that is asked for exists, with the labels it is asked by', async () => {
  const known = new Map((await exposed()).map((each) => [each.name, each]))
  const faults = expressions.flatMap((expr) => [...expr.matchAll(/\b((?:kwota|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)].flatMap(([, series = '', selector = '']) => {
    const name = known.has(series) ? series : series.replace(/_(?:bucket|sum|count)$/, '')
    const metric = known.get(name)
    if (metric === undefined || (name !== series) !== (metric.type === 'histogram')) return [`${series} does not exist`]
    const labels = [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label)
    return labels.filter((label) => !['job', 'le', ...metric.labels].includes(label)).map((label) => `${series} has no label ${label}`)
  }))
  expect(faults).toEqual([])
  expect(expressions.filter((expr) => /\bkwota_/.test(expr)).length).toBeGreaterThan(20)
})

test('each critical alert of kwota has a rule of its own', () => {
  const critical = Object.entries(alertSeverity).filter(([, severity]) => severity === 'critical').map(([code]) => code)
  const covered = rules.flatMap(({ labels, expr }) => (labels.code === undefined ? [] : [{ code: labels.code, expr, severity: labels.severity }]))
  expect(covered.map(({ code }) => code).toSorted()).toEqual(critical.toSorted())
  for (const { code, expr, severity } of covered) expect([expr, severity]).toEqual([`kwota_alerts_open{code="${code}"} > 0`, 'critical'])
})

test('each rule is tried both ways: firing and silent', () => {
  const tests = z.object({ tests: z.array(z.object({ alert_rule_test: z.array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })) })) }).parse(parse(read('alert-rules.test.yml'))).tests.flatMap((each) => each.alert_rule_test)
  for (const { alert } of rules) expect([alert, tests.filter(({ alertname }) => alertname === alert).map(({ exp_alerts: expected }) => expected.length).toSorted()]).toEqual([alert, [0, 1]])
})

test('metrics of ours are named as Prometheus wants them', async () => {
  const ours = (await exposed()).filter(({ name }) => name.startsWith('kwota_'))
  for (const { name, type } of ours) expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
  expect(ours.filter(({ name }) => /_(?:ms|milliseconds|minutes|watts_hours|kb|mb)(?:_|$)/.test(name))).toEqual([])
})

test('the panels of the dashboard have ids of their own and do not lie on each other', () => {
  const { panels } = dashboard
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const overlaps = panels.flatMap(({ title, id, gridPos: a }) => panels.filter(({ id: other, gridPos: b }) => other > id && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h).map((other) => `${title} / ${other.title}`))
  expect(overlaps).toEqual([])
  expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true)
})

describe.skipIf(withoutPromtool())('in the eyes of Prometheus', () => {
  let place = ''
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'kwota-monitoring-'))
    cpSync(folder, place, { recursive: true })
    // It looks whether the file with the key is there.
    writeFileSync(join(place, 'key'), 'k')
    writeFileSync(join(place, 'prometheus.yml'), read('prometheus.yml').replace(/credentials_file: .*/, `credentials_file: ${join(place, 'key')}`))
  })
  afterAll(() => rmSync(place, { recursive: true, force: true }))

  test('the configuration is sound, with its rules', async () => expect(await promtool(place, 'check', 'config', 'prometheus.yml')).toMatch(/prometheus\.yml is valid[\s\S]*rules found/))
  test('the rules are sound', async () => expect(await promtool(place, 'check', 'rules', 'alert-rules.yml')).toContain(`${rules.length} rules found`))
  test('they fire when they should', async () => expect(await promtool(place, 'test', 'rules', 'alert-rules.test.yml')).toContain('SUCCESS'))
  test('every question of the dashboard can be asked', async () => {
    writeFileSync(join(place, 'asked.yml'), JSON.stringify({ groups: [{ name: 'asked', rules: asked.map((expr, at) => ({ record: `asked:${at}`, expr })) }] }))
    expect(await promtool(place, 'check', 'rules', 'asked.yml')).toContain(`${asked.length} rules found`)
  })
})
