// What happens to a Redis: it hangs, is full, or dies, and is as it was again.
import type { RedisProcess } from './redis.ts'

export const storeFaults = ['hung', 'full', 'killed'] as const
export type StoreFault = (typeof storeFaults)[number]

export async function beginFault(redis: RedisProcess, fault: StoreFault): Promise<void> {
  if (fault === 'hung') redis.signal('SIGSTOP')
  else if (fault === 'full') await redis.setMaxMemory(1)
  else await redis.kill()
}

export async function endFault(redis: RedisProcess, fault: StoreFault): Promise<void> {
  if (fault === 'hung') redis.signal('SIGCONT')
  else if (fault === 'full') await redis.setMaxMemory(0)
  else await redis.restart()
}
