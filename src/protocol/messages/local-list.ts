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
      // Errata 3.52: 0 and -1 say something else in GetLocalListVersion.
      listVersion: integer.min(1),
      localAuthorizationList: z.array(z.strictObject({ idTag: text(20), idTagInfo: idTagInfo.optional() })).optional(),
      updateType: z.enum(['Differential', 'Full']),
    }),
    response: z.strictObject({ status: z.enum(['Accepted', 'Failed', 'NotSupported', 'VersionMismatch']) }),
  }),
}
