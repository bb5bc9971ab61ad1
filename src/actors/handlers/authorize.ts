// Authorize: what the policies say of a tag.
import type { Handle } from './station.ts'
import { askAbout } from './tags.ts'

export const authorize: Handle<'Authorize'> = async (station, { idTag }) => ({ idTagInfo: (await askAbout(station, { idTag, reason: 'authorize' })).idTagInfo })
