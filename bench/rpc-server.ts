// The other yardstick: `ocpp-rpc` with its strict validation of OCPP 1.6, answering MeterValues with nothing done and nothing stored.
import type { AddressInfo } from 'node:net'
import { RPCServer } from 'ocpp-rpc'

const server = new RPCServer({ protocols: ['ocpp1.6'], strictMode: true, wssOptions: { perMessageDeflate: false } })
server.auth((accept) => accept())
server.on('client', (client: { handle(action: string, handler: () => object): void }) => client.handle('MeterValues', () => ({})))
const http = await server.listen(0, '127.0.0.1', { backlog: 1_024 })
process.stderr.write(`rpc on 127.0.0.1:${(http.address() as AddressInfo).port}\n`)
