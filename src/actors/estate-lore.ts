// What the estate says and is told of charge points as the engine comes to know them: their models, their settings, and the log.
import { settingsOf } from '../settings.ts'
import type { Estate } from './estate.ts'
import { entryID, modelOf, type Model } from './quirk-book.ts'
import type { EstateLore } from './station-lore.ts'

export function estateLore(estate: Estate): EstateLore {
  const { log } = estate.options
  const model = (clientID: string): Model | null => modelOf(estate.point(clientID)?.family?.view().boot ?? null)
  return {
    beginWithModel(clientID) {
      const said = model(clientID)
      const found = said === null ? null : estate.quirks.find(said)
      if (found !== null) estate.quirks.begin(found.id)
      return found
    },
    isAnother(clientID, id) {
      const said = model(clientID)
      return said !== null && entryID(said) !== id
    },
    taught(clientID, learnt, negotiated) {
      const said = model(clientID)
      return said === null ? null : estate.quirks.teach(said, learnt, negotiated, clientID)
    },
    clearsForeign: (clientID) => settingsOf(estate.layersOf(clientID)).foreignProfiles === 'clear',
    quirksLearnt: (clientID, quirks) => log.info({ clientID, ...quirks }, 'it gets its charging profiles so from now on'),
    cleared: (clientID, answer) => log.info({ clientID, answer }, 'charging profiles that somebody else may have left there were cleared'),
  }
}
