// A QR code of an address, drawn as one path.
import { encode } from 'uqr'
import { pathOfSquares } from './addresses.ts'

export function Qr({ text }: { text: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: 4 })
  return <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={`QR code of ${text}`} shape-rendering="crispEdges"><rect width={size} height={size} class="light" /><path d={pathOfSquares(data)} class="dark" /></svg>
}
