// The messages of the Local Auth List Management profile.
import { z } from 'zod'
import { empty, idTagInfo, integer, message, text } from './types.ts'

export const localList = {
  GetLocalListVersion: message({
    direction: 'central', profile: 'LocalAuthListManagement', summary: 'Which version of the local list is installed?',
    request: empty,
    response: z.strictObject({ listVersion: integer }),
  }),
  SendLocalList: message({
    direction: 'central', profile: 'LocalAuthListManagement', summary: 'Replace or amend the local list of id tags.',
    request: z.strictObject({
      listVersion: integer,
      localAuthorizationList: z.array(z.strictObject({ idTag: text(20), idTagInfo: idTagInfo.optional() })).optional(),
      updateType: z.enum(['Differential', 'Full']),
    }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Failed', 'NotSupported', 'VersionMismatch']) }),
  }),
}
