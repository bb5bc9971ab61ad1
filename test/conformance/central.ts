// The central system under test as its operator meets it: the product as a process, its REST API, and charge points that connect to it.
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'vitest'
import type { CentralAction, RequestOf, ResponseOf } from '../../src/protocol/messages/index.ts'
import { newPlace, startServer, tidyUp, type Answer, type Server } from '../e2e/server.ts'
import { Station, type CallError, type StationOptions } from './station.ts'

/** What REST answers about a command (rest-api.md, commands). */
export interface Command {
  readonly id: string
  readonly status: string
  readonly action: string
  readonly clientID: string
  readonly response: Record<string, unknown> | null
  readonly error: { readonly code: string; readonly description: string } | null
}
export interface Operated<A extends CentralAction> { readonly request: RequestOf<A>; readonly command: Command }
export interface Operation<A extends CentralAction> {
  readonly action: A
  readonly answer: ResponseOf<A> | CallError | ((request: RequestOf<A>) => ResponseOf<A>)
  readonly matches?: (request: RequestOf<A>) => boolean
}

export const heartbeatS = 120
/** The id tags of the suite, as the operator has them. */
export const tags = { valid: 'CT-VALID', other: 'CT-OTHER', sibling: 'CT-SIBLING', parent: 'CT-FAMILY', expired: 'CT-EXPIRED', blocked: 'CT-BLOCKED', unknown: 'CT-NOBODY' } as const
const config = `
sites: [{ id: main, fuseA: 500 }]
engine: { heartbeatIntervalS: ${heartbeatS} }
authorisation: [local]
idTags:
  - { id: ${tags.valid}, parentIdTag: ${tags.parent}, concurrent: true }
  - { id: ${tags.other}, concurrent: true }
  - { id: ${tags.sibling}, parentIdTag: ${tags.parent}, concurrent: true }
  - { id: ${tags.expired}, expiryDate: 2020-01-01T00:00:00Z }
  - { id: ${tags.blocked}, status: Blocked }
`

export class Central {
  readonly server: Server
  readonly stations: Station[] = []

  constructor(server: Server) {
    this.server = server
  }

  /** A GET that must succeed. */
  async get<T = Record<string, unknown>>(path: string): Promise<T> {
    const { status, body } = await this.request<T>('GET', path)
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`)
    return body
  }

  request<T = Record<string, unknown>>(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer<T>> {
    return this.server.request<T>(method, `/api/v1${path}`, body, headers)
  }

  /** The operator enters a charge point with two connectors. */
  async enter(id: string, more: Record<string, unknown> = {}): Promise<void> {
    const { status, body } = await this.request('PUT', `/chargepoints/${id}`, { connectors: [{ id: 1 }, { id: 2 }], ...more })
    if (status !== 201) throw new Error(`PUT ${id}: ${status} ${JSON.stringify(body)}`)
  }

  /** It connects, without a word. */
  async connect(id: string, options?: StationOptions, ocppUrl = this.server.ocppUrl): Promise<Station> {
    const station = await Station.connect(ocppUrl, id, options)
    this.stations.push(station)
    return station
  }

  /** Entered, connected, accepted, all connectors available. */
  async booted(id: string, more: Record<string, unknown> = {}, options?: StationOptions): Promise<Station> {
    await this.enter(id, more)
    const station = await this.connect(id, options)
    await boot(station)
    return station
  }

  /**
   * The operator posts a command and waits for the charge point's answer: the CALL that must come is answered as told.
   * Gives the CALL's payload and the command as REST shows it.
   */
  async operate<A extends CentralAction>(station: Station, command: string, body: unknown, { action, answer, matches }: Operation<A>): Promise<Operated<A>> {
    const called = station.expectCall(action, answer, matches)
    const posted = this.request<Command>('POST', `/chargepoints/${station.id}/${command}`, body, { Prefer: 'wait=10' })
    const early = posted.then(({ status, body: problem }) => {
      if (status !== 200) throw new Error(`POST ${command}: ${status} ${JSON.stringify(problem)}`)
    })
    const [request] = await Promise.all([called, early])
    const { body: shown } = await posted
    const kept = await this.get<Command>(`/commands/${shown.id}`)
    for (const each of [shown, kept]) {
      if (each.action !== action || each.clientID !== station.id || each.status !== shown.status) throw new Error(`${command} shows another command: ${JSON.stringify(each)}`)
    }
    return { request, command: shown }
  }

  /** The charge points go; nothing was wrong with what they were told. */
  async farewell(): Promise<void> {
    const stations = this.stations.splice(0)
    await Promise.all(stations.map((station) => station.leave()))
    const faults = stations.flatMap(({ id, faults: own }) => own.map((fault) => `${id}: ${fault}`))
    if (faults.length > 0) throw new Error(`the central system broke the protocol:\n${faults.join('\n')}`)
  }
}

/** Starts the product on a free port. `more` is added to its kwota.yaml, which lies in `place`. */
export async function startCentral(more = '', place?: string): Promise<Central> {
  return new Central(await startServer({ place: place ?? await newPlace(), config: config + more }))
}

export const stopCentral = tidyUp

/** Asks REST until it shows this; fails with what it shows instead. */
export async function expectShown(central: Central, path: string, what: object): Promise<void> {
  let found: unknown
  for (let attempt = 0; attempt < 200; attempt++) {
    found = (await central.request('GET', path)).body
    try {
      expect(found).toMatchObject(what)
      return
    } catch {
      await wait(50)
    }
  }
  expect(found, `GET ${path}`).toMatchObject(what)
}

/** BootNotification, accepted, then a StatusNotification for the charge point and each connector. */
export async function boot(station: Station, statuses: Readonly<Record<number, 'Available' | 'Finishing' | 'Unavailable'>> = { 0: 'Available', 1: 'Available', 2: 'Available' }): Promise<ResponseOf<'BootNotification'>> {
  const answer = await station.send('BootNotification', { chargePointVendor: 'Conformance', chargePointModel: 'Scripted', chargePointSerialNumber: station.id.slice(0, 25), firmwareVersion: '1.0.0' })
  expect(answer.status).toBe('Accepted')
  for (const [connectorId, status] of Object.entries(statuses)) await report(station, Number(connectorId), status)
  return answer
}

type Status = RequestOf<'StatusNotification'>['status']
/** A StatusNotification that must be confirmed. */
export async function report(station: Station, connectorId: number, status: Status, errorCode: RequestOf<'StatusNotification'>['errorCode'] = 'NoError'): Promise<void> {
  expect(await station.send('StatusNotification', { connectorId, status, errorCode, timestamp: new Date().toISOString() })).toEqual({})
}

/** The driver presents a tag that is accepted. */
export async function authorise(station: Station, idTag: string = tags.valid): Promise<void> {
  expect((await station.send('Authorize', { idTag })).idTagInfo.status).toBe('Accepted')
}

/** StartTransaction with an accepted tag; gives the transaction id. */
export async function start(station: Station, more: Partial<RequestOf<'StartTransaction'>> = {}): Promise<number> {
  const { idTagInfo, transactionId } = await station.send('StartTransaction', { connectorId: 1, idTag: tags.valid, meterStart: 1_000, timestamp: new Date().toISOString(), ...more })
  expect(idTagInfo.status).toBe('Accepted')
  expect(transactionId).toBeGreaterThan(0)
  return transactionId
}

/** The reusable state "Charging": authorised, plugged in, started, charging on connector 1. */
export async function charge(station: Station, idTag: string = tags.valid): Promise<number> {
  await authorise(station, idTag)
  await report(station, 1, 'Preparing')
  const transactionId = await start(station, { idTag })
  await report(station, 1, 'Charging')
  return transactionId
}

/** StopTransaction that must be confirmed. */
export async function stop(station: Station, transactionId: number, reason: NonNullable<RequestOf<'StopTransaction'>['reason']>, more: Partial<RequestOf<'StopTransaction'>> = {}): Promise<ResponseOf<'StopTransaction'>> {
  return station.send('StopTransaction', { transactionId, reason, meterStop: 4_000, timestamp: new Date().toISOString(), ...more })
}
