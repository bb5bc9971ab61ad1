// The flags of kwota simulate for random worlds.
import { InvalidArgumentError, type Command } from 'commander'
import { shortestWorldMs } from '../simulator/swarm/world-length.ts'

const leastMinutes = Math.ceil(shortestWorldMs / 60_000)

export function seedFlags(command: Command): Command {
  return command
    .option('--seeds <n>', 'play so many random worlds with faults; exit 1 when one of them breaks a promise', positive)
    .option('--first <seed>', 'the first seed (1)', positive).option('--only <seeds>', 'play the worlds of these seeds, with commas between', listed)
    .option('--minutes <n>', `simulated minutes of each (10; at least ${leastMinutes})`, minutesOf)
    .option('--stations <max>', 'at most so many charge points (50)', positive).option('--jobs <n>', 'processes to play in (1)', positive)
    .option('--replay <file>', 'play a saved world again and print its trace').option('--save <dir>', 'where worlds that fail are saved (sim-failures)')
    .option('--no-shrink', 'do not make failing worlds small').option('--each', 'print the result of each seed as one line of JSON')
}

function minutesOf(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < leastMinutes) throw new InvalidArgumentError(`a whole number of at least ${leastMinutes}: a world warms up for a minute and is put right in two and a half.`)
  return number
}

function listed(value: string): number[] {
  return value.split(',').map(positive)
}

function positive(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number <= 0) throw new InvalidArgumentError('a whole number above 0.')
  return number
}
