// Loaded with --import into a kwota: notes in the file KWOTA_DURABLE, after every synced write and before anybody is told, which log of the embedded store is durable how far (`log-name bytes` a line).
import { closeSync, fstatSync, openSync, readdirSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'

const sidecar = process.env.KWOTA_DURABLE
const { open, batch } = ClassicLevel.prototype

ClassicLevel.prototype.open = async function openTracked(...given) {
  await open.apply(this, given)
  // What an earlier database of this directory has left is in its tables now.
  if (this.status === 'open') durable = { file: openSync(sidecar, 'w'), log: null, name: '' }
}

let durable

ClassicLevel.prototype.batch = function batchTracked(...given) {
  const chained = batch.apply(this, given)
  if (given.length > 0) return chained
  const write = chained.write.bind(chained)
  chained.write = async options => {
    await write(options)
    if (options?.sync === true) note(this.location)
  }
  return chained
}

function note(directory) {
  const name = readdirSync(directory).filter(file => file.endsWith('.log')).sort().at(-1)
  if (name === undefined) return
  if (name !== durable.name) {
    if (durable.log !== null) closeSync(durable.log)
    durable = { ...durable, name, log: openSync(join(directory, name), 'r') }
  }
  writeSync(durable.file, `${name} ${fstatSync(durable.log).size}\n`)
}
