// A charge point of somebody else's making that comes to a kwota and comes again until it is let in.
import { setTimeout as wait } from 'node:timers/promises'
import { RPCClient, type RpcClient } from '../e2e/rpc-client.ts'

export interface Comer { readonly client: RpcClient; readonly triggered: readonly string[]; close(): Promise<void> }

export interface ComerOptions {
  readonly ocppUrl: string
  readonly id: string
  readonly password?: string
  readonly protocols?: readonly string[]
}

/** Knocks at once; boots at each connection until it is accepted. */
export function comes({ ocppUrl, id, password, protocols = ['ocpp1.6'] }: ComerOptions): Comer {
  const client = new RPCClient({
    endpoint: ocppUrl, identity: id, protocols, callTimeoutMs: 20_000, backoff: { initialDelay: 100, maxDelay: 500, factor: 2, randomisationFactor: 0.2 }, ...(password !== undefined && { password }),
  })
  const triggered: string[] = []
  let over = false
  for (const action of ['SetChargingProfile', 'ClearChargingProfile', 'ChangeConfiguration']) client.handle(action, () => ({ status: 'Accepted' }))
  client.handle('GetConfiguration', () => ({ configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }, { key: 'ChargeProfileMaxStackLevel', readonly: true, value: '8' }] }))
  client.handle('TriggerMessage', ({ params }) => {
    triggered.push(String(params['requestedMessage']))
    return { status: 'Accepted' }
  })
  client.on('open', () => {
    void (async () => {
      for (;;) {
        const { status } = await client.call('BootNotification', { chargePointVendor: 'Elsewhere', chargePointModel: 'Independent' })
        if (status === 'Accepted') break
        await wait(200)
      }
      await client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' })
    })().catch(() => undefined)
  })
  void (async () => {
    for (;;) {
      if (over || await client.connect().then(() => true, () => false)) return
      await wait(300)
    }
  })()
  return {
    client, triggered,
    async close() {
      over = true
      await client.close({ force: true }).catch(() => undefined)
    },
  }
}
