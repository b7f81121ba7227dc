import type { Status } from '$lib/api/types'
import { plural } from './plural'

type Demo = NonNullable<Status['demo']>

/** "every hour", "every 30 minutes", "every 90 seconds". */
function every(seconds: number): string {
  if (seconds === 3600) return 'every hour'
  if (seconds % 3600 === 0) return `every ${plural(seconds / 3600, 'hour', 'hours')}`
  if (seconds === 60) return 'every minute'
  if (seconds % 60 === 0) return `every ${plural(seconds / 60, 'minute', 'minutes')}`
  return `every ${plural(seconds, 'second', 'seconds')}`
}

export const demoStrings = {
  badge: 'Demo',
  title: 'This is a demonstration.',
  about: (demo: Demo) => {
    const may = demo.read_only ? 'Look at everything; nothing can be changed here.' : 'Try everything.'
    return demo.reset_every_s ? `${may} It begins anew ${every(demo.reset_every_s)}.` : may
  },
}
