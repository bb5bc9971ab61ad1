// Authorize: what the policies say of a tag.
import type { Handle } from './station.ts'

export const authorize: Handle<'Authorize'> = (station, request) => ({ idTagInfo: station.authoriser.authorise(request.idTag) })
