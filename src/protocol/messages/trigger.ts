// The message of the Remote Trigger profile.
import { z } from 'zod'
import { connector, message } from './types.ts'

export const trigger = {
  TriggerMessage: message({
    direction: 'central', profile: 'RemoteTrigger', summary: 'Ask for a message to be sent now.',
    request: z.strictObject({
      requestedMessage: z.enum([
        'BootNotification', 'DiagnosticsStatusNotification', 'FirmwareStatusNotification', 'Heartbeat', 'MeterValues', 'StatusNotification',
      ]),
      connectorId: connector.optional(),
    }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Rejected', 'NotImplemented']) }),
  }),
}
