// docker-compose.yml and the Dockerfile, checked against the configuration schema, since no container engine runs here.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { knownVariables, loadConfig } from '../src/config.ts'

const read = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8')

const duration = z.string().regex(/^\d+s$/)
const serviceSchema = z.strictObject({
  build: z.literal('.').optional(),
  image: z.string().regex(/^(?:[a-z]+:\d+-alpine|[a-z]+\/[a-z]+:v?\d+\.\d+\.\d+)$/).optional(),
  profiles: z.tuple([z.literal('monitoring')]).optional(),
  restart: z.literal('unless-stopped'),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  ports: z.array(z.string().regex(/^(?:127\.0\.0\.1:)?\d+:\d+$/)).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  command: z.array(z.string()).optional(),
  volumes: z.array(z.string()),
  secrets: z.array(z.string()).optional(),
  healthcheck: z.strictObject({ test: z.array(z.string()).min(2), interval: duration, timeout: duration, retries: z.int().min(1), start_period: duration }),
  logging: z.strictObject({ driver: z.literal('json-file'), options: z.strictObject({ 'max-size': z.string().regex(/^\d+m$/), 'max-file': z.string().regex(/^\d+$/) }) }).optional(),
  stop_grace_period: duration,
  read_only: z.literal(true),
  tmpfs: z.array(z.string()),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()),
})
const composeSchema = z.strictObject({ name: z.literal('kwota'), services: z.strictObject({ kwota: serviceSchema, redis: serviceSchema, prometheus: serviceSchema, grafana: serviceSchema }), secrets: z.record(z.string(), z.strictObject({ file: z.string() })), volumes: z.record(z.string(), z.null()) })

const compose = composeSchema.parse(parse(read('docker-compose.yml')))
const { kwota, redis, prometheus, grafana } = compose.services
/** With the lines for a kwota.yaml taken in. */
const withFile = composeSchema.parse(parse(read('docker-compose.yml').replaceAll('#+ ', ''))).services.kwota
const environment = kwota.environment ?? {}

/** As compose substitutes `${NAME:?message}`. */
function substituted(values: Record<string, string>, given: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, value.replace(/\$\{(\w+):\?([^}]*)\}/g, (_all, wanted: string, message: string) => {
    const found = given[wanted]
    if (!found) throw new Error(`${wanted}: ${message}`)
    return found
  })]))
}

const configOf = (env: Record<string, string>) => loadConfig({ env, cwd: '/app', readFile() { throw Object.assign(new Error('none'), { code: 'ENOENT' }) } })

describe('kwota in compose', () => {
  test('every variable is one that is read', () => expect(Object.keys(environment).filter((name) => !knownVariables.includes(name))).toEqual([]))

  test('with a key, the environment is a valid configuration', () => {
    const config = configOf(substituted(environment, { KWOTA_API_KEY: 'a'.repeat(48) }))
    expect(config).toMatchObject({ host: '0.0.0.0', port: 8080, dataDir: '/var/lib/kwota', apiKey: 'a'.repeat(48), unknownChargePoints: 'pending' })
    expect(new URL(config.redisUrl ?? '').hostname in compose.services).toBe(true)
    expect(kwota.ports).toEqual([`8080:${config.port}`])
    expect(kwota.healthcheck.test.join(' ')).toContain(`http://127.0.0.1:${config.port}/readyz`)
    expect(kwota.volumes.map((volume) => volume.split(':')[1])).toContain(config.dataDir)
  })

  test('with the lines for a kwota.yaml taken in, the file that is mounted is the one that is read, and the port of TLS is open', () => {
    const files: string[] = []
    const readFile = (path: string) => { files.push(path); return '' }
    loadConfig({ env: substituted(withFile.environment ?? {}, { KWOTA_API_KEY: 'a'.repeat(48) }), cwd: '/app', readFile })
    expect(withFile.volumes).toContain(`./kwota.yaml:${files[0]}:ro`)
    expect(withFile.ports?.slice(1)).toEqual(['8443:8443'])
  })

  test('the key is kept where compose reads it and git does not', () => expect(read('.gitignore').split('\n')).toContain('.env'))

  test('without a key it says how to make one', () => expect(() => substituted(environment, {})).toThrow('KWOTA_API_KEY: make one with: openssl rand -hex 24'))
  test('without a key kwota itself would refuse as well', () => expect(() => configOf({ KWOTA_HOST: '0.0.0.0' })).toThrow(/no API key/))
  test('it waits for a healthy Redis', () => expect(kwota.depends_on).toEqual({ redis: { condition: 'service_healthy' } }))

  test('the healthcheck succeeds when ready, and fails when not ready or when nothing answers', async () => {
    const [how, program, flag, script = ''] = kwota.healthcheck.test
    expect([how, program, flag]).toEqual(['CMD', 'node', '-e'])
    let status = 200
    const server = createServer((_request, response) => response.writeHead(status).end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const run = () => new Promise<number | null>((resolve) => spawn(process.execPath, ['-e', script.replace('8080', String(port))]).on('exit', resolve))
    expect(await run()).toBe(0)
    status = 503
    expect(await run()).toBe(1)
    server.close()
    await once(server, 'close')
    expect(await run()).toBe(1)
  })
})

describe('redis in compose', () => {
  test('keeps what was acknowledged and evicts nothing', () => {
    expect(redis.command?.join(' ')).toBe('redis-server --appendonly yes --appendfsync always --maxmemory-policy noeviction')
  })
  test('is asked whether it is there, and is not published', () => {
    expect(redis.healthcheck.test).toEqual(['CMD', 'redis-cli', 'ping'])
    expect(redis.ports).toBeUndefined()
  })
})

describe('the monitoring profile', () => {
  test('nothing of it starts unasked, and all of it is on this machine only', () => {
    expect([kwota, redis].map(({ profiles }) => profiles)).toEqual([undefined, undefined])
    for (const { profiles, ports, image } of [prometheus, grafana]) {
      expect(profiles).toEqual(['monitoring'])
      expect(ports?.every((port) => port.startsWith('127.0.0.1:'))).toBe(true)
      expect(image).toMatch(/:v?\d+\.\d+\.\d+$/)
    }
  })

  test('what is mounted is there', () => {
    const mounted = [prometheus, grafana].flatMap(({ volumes }) => volumes).filter((volume) => volume.startsWith('./')).map((volume) => volume.split(':')[0] ?? '')
    expect(mounted.length).toBe(4)
    expect(mounted.filter((path) => !existsSync(join(import.meta.dirname, '..', path)))).toEqual([])
  })

  test('its secrets are files that git does not see, read where they are mounted', () => {
    expect([...prometheus.secrets ?? [], ...grafana.secrets ?? []].toSorted()).toEqual(Object.keys(compose.secrets).toSorted())
    expect(read('.gitignore').split('\n')).toContain('monitoring/secrets/')
    expect(Object.values(compose.secrets).every(({ file }) => file.startsWith('./monitoring/secrets/'))).toBe(true)
    expect(read('monitoring/prometheus.yml')).toContain(`credentials_file: /run/secrets/${prometheus.secrets?.[0]}`)
    expect(grafana.environment?.['GF_SECURITY_ADMIN_PASSWORD__FILE']).toBe(`/run/secrets/${grafana.secrets?.[0]}`)
    for (const { file } of Object.values(compose.secrets)) expect(read('monitoring/README.md')).toContain(file.slice(2))
  })

  test('each asks the one before it by its name and port', () => {
    const host = z.object({ scrape_configs: z.tuple([z.object({ static_configs: z.tuple([z.object({ targets: z.tuple([z.string()]) })]) })]) }).parse(parse(read('monitoring/prometheus.yml'))).scrape_configs[0].static_configs[0].targets[0]
    expect(host).toBe(`kwota:${environment['KWOTA_PORT']}`)
    expect(read('monitoring/grafana/provisioning/datasources/prometheus.yml')).toContain('url: http://prometheus:9090')
    expect(grafana.environment?.['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']).toBe('/var/lib/grafana/dashboards/kwota.json')
  })
})

test('every named volume is declared, and every declared one is used', () => {
  const used = Object.values(compose.services).flatMap(({ volumes }) => volumes).map((volume) => volume.split(':')[0] ?? '').filter((name) => !name.startsWith('.'))
  expect(used.toSorted()).toEqual(Object.keys(compose.volumes).toSorted())
})

describe('Dockerfile', () => {
  const text = read('Dockerfile')
  const instructions = text.split('\n').filter((line) => /^[A-Z]+ /.test(line))
  const last = (name: string) => instructions.findLast((line) => line.startsWith(`${name} `))

  test('node 24 in both stages', () => expect(instructions.filter((line) => line.startsWith('FROM '))).toEqual(['FROM node:24-slim AS build', 'FROM node:24-slim']))

  test('runs as a user that is not root, after everything that needs root', () => {
    expect(last('USER')).toBe('USER node')
    expect(instructions.findLastIndex((line) => /^(?:RUN|COPY) /.test(line))).toBeLessThan(instructions.indexOf('USER node'))
  })

  test('starts what npm start starts', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    expect(z.array(z.string()).parse(JSON.parse(last('CMD')?.slice(4) ?? '')).join(' ')).toBe(scripts['start'])
  })

  test('kwota is not process 1, which its watchdog could not end', () => {
    expect(last('ENTRYPOINT')).toBe('ENTRYPOINT ["/usr/bin/tini", "--"]')
    expect(text).toMatch(/apt-get install .*\btini\b/)
  })

  test('copies only what is there and what .dockerignore lets in', () => {
    const copied = instructions.filter((line) => line.startsWith('COPY ') && !line.includes('--from')).flatMap((line) => line.split(' ').slice(1, -1)).map((name) => name.replace(/^\.\//, ''))
    const admitted = read('.dockerignore').trim().split('\n')
    expect(admitted[0]).toBe('*')
    expect(copied.filter((name) => !existsSync(join(import.meta.dirname, '..', name)))).toEqual([])
    expect(copied.filter((name) => !admitted.includes(`!${name}`))).toEqual([])
  })

  test('keeps its data where the configuration looks for it', () => {
    expect(text).toContain('ENV KWOTA_DATA_DIR=/var/lib/kwota')
    expect(last('VOLUME')).toBe('VOLUME /var/lib/kwota')
  })

  test('what is built needs no install script', () => expect(instructions.filter((line) => line.includes('npm ci')).every((line) => line.includes('--ignore-scripts'))).toBe(true))
})
