// The published OCPP 1.6 schemas as somebody else keeps them: they judge every payload of the suite, in both directions.
import { createRequire } from 'node:module'

interface Validator { validate(schemaId: string, payload: unknown): unknown }
const load = createRequire(import.meta.url)
const { createValidator } = load('ocpp-rpc') as { createValidator(subprotocol: string, schemas: unknown): Validator }
const validator = createValidator('ocpp1.6', load('ocpp-rpc/lib/schemas/ocpp1_6.json'))

/** What is wrong with the payload of a request (`req`) or a confirmation (`conf`); null when it is valid. */
export function schemaFault(action: string, part: 'req' | 'conf', payload: unknown): string | null {
  try {
    validator.validate(`urn:${action}.${part}`, payload)
    return null
  } catch (error) {
    return `${action}.${part} ${JSON.stringify(payload)}: ${error instanceof Error ? error.message : String(error)}`
  }
}
