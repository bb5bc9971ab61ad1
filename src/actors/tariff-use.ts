// Who names which tariff: what a transaction will cost, who would lose theirs, and names of tariffs that do not exist.
import type { TariffVersion } from '../sessions/tariff.ts'
import type { Settings } from '../settings.ts'
import type { Estate } from './estate.ts'
import { Refusal } from './house.ts'
import type { StoredTag } from './id-tags.ts'
import type { KeptTariff } from './tariff-shelf.ts'

/** In words, for whoever wants to remove it. */
export function usersOf(estate: Estate, id: string): readonly string[] {
  const named = (who: string, settings: Settings | undefined): string[] => (settings?.tariffId === id ? [who] : [])
  // Which ones is for those who may see id tags.
  const tags = estate.idTags.list().filter(({ value }) => value.tariffId === id).length
  return [
    ...named('the default settings', estate.options.defaults),
    ...[...estate.sites.values()].flatMap(({ record: { site } }) => named(`site ${site.id}`, site.settings)),
    ...[...estate.points.values()].flatMap(({ record: { config } }) => named(`charge point ${config.id}`, config.settings)),
    ...(tags === 0 ? [] : [`${tags} id tag${tags === 1 ? '' : 's'}`]),
  ]
}

/** What a transaction that began there at that instant costs: by its id tag's tariff, or else by what is set for its charge point, its site or everybody; null = nothing is set. In the version that held then, where one did. */
export function tariffFor(estate: Estate, clientID: string, idTag: string, atMs: number): TariffVersion | null {
  const layers = estate.layersOf(clientID)
  const tag = estate.idTags.find(idTag)?.value
  for (const name of [tag?.tariffId, layers.chargePoint?.tariffId, layers.site?.tariffId, layers.default.tariffId]) {
    const found = name === undefined ? undefined : estate.tariffs.find(name)
    if (found !== undefined) return heldAt(estate.tariffs.versions(found.value.id), atMs)?.value ?? found.value
    if (name !== undefined) estate.options.log.warn({ clientID, tariffId: name }, 'a tariff that is named does not exist; the next one counts')
  }
  return null
}

/** A start may be told long after it; before the first version the first counts. `versions`: newest first. */
function heldAt(versions: readonly KeptTariff[], atMs: number): KeptTariff | undefined {
  return versions.find(({ changedAt }) => Date.parse(changedAt) <= atMs) ?? versions.at(-1)
}

/** Throws Refusal invalid `unknown-tariff` where a tag names one that does not exist; pointers begin with `at`. */
export function checkTagTariffs(estate: Estate, tags: readonly Pick<StoredTag, 'id' | 'tariffId'>[], at: (index: number) => string): void {
  const unknown = [...tags.entries()].filter(([, { tariffId }]) => tariffId !== undefined && estate.tariffs.find(tariffId) === undefined)
  if (unknown.length === 0) return
  throw unknownTariff(estate, unknown[0]![1].tariffId ?? '', unknown.slice(0, mostErrors).map(([index, { tariffId }]) => ({ pointer: at(index), message: `there is no tariff ${tariffId}` })))
}

interface FilePart { readonly id: string; readonly settings?: Settings | undefined }

/** After the file was taken in: throws Refusal invalid `unknown-tariff` where it names one that neither it nor the store has; the pointers are those of the file. */
export function checkFileTariffs(estate: Estate, file: { readonly sites: readonly FilePart[]; readonly chargePoints: readonly FilePart[] }): void {
  const { defaults, idTags = [] } = estate.options
  const partsOf = (what: string, list: readonly FilePart[], word: string) => list.map(({ id, settings }, index) => ({ who: `${word} ${id}`, pointer: `/${what}/${index}/settings/tariffId`, named: settings?.tariffId }))
  const places = [
    { who: 'settings', pointer: '/settings/tariffId', named: defaults?.tariffId },
    ...partsOf('sites', file.sites, 'site'), ...partsOf('chargePoints', file.chargePoints, 'charge point'),
    ...idTags.map(({ id, tariffId }, index) => ({ who: `id tag ${id}`, pointer: `/idTags/${index}/tariffId`, named: tariffId })),
  ]
  const unknown = places.flatMap(({ named, ...place }) => (named === undefined || estate.tariffs.find(named) !== undefined ? [] : [{ ...place, named }]))
  const [first] = unknown
  if (first === undefined) return
  throw unknownTariff(estate, first.named, unknown.slice(0, mostErrors).map(({ pointer, named }) => ({ pointer, message: `there is no tariff ${named}` })), `${first.who} names`)
}

const mostErrors = 50
const mostNamed = 20

/** Those there are, in words. */
export function knownTariffs(ids: readonly string[]): string {
  if (ids.length === 0) return 'There are none yet: PUT /api/v1/tariffs/{id} makes one.'
  return `Those there are: ${ids.slice(0, mostNamed).join(', ')}${ids.length > mostNamed ? ', …' : ''}.`
}

function unknownTariff(estate: Estate, id: string, errors: Refusal['errors'], who = 'The body names'): Refusal {
  return new Refusal('invalid', 'unknown-tariff', `${who} the tariff ${id}, which does not exist.`, { errors, hint: knownTariffs(estate.tariffs.list().map(({ value }) => value.id)) })
}
