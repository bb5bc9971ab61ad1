// How the pages are bundled: hashed files without a request to anywhere else, each with its gzip beside it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'
import { machineDefinitions } from '../src/actors/inspection/machine-types.ts'
import { layoutMachine } from './layout/machine-layout.ts'

const outDir = join(import.meta.dirname, '..', 'dist', 'web')

/** Compressed once here, so that the server never compresses. */
function gzipped(): Plugin {
  return {
    name: 'gzipped',
    writeBundle({ dir = outDir }) {
      for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(?:html|js|css|svg)$/.test(name)) continue
        writeFileSync(join(dir, `${name}.gz`), gzipSync(readFileSync(join(dir, name)), { level: 9 }))
      }
    },
  }
}

/** Runs before anything is drawn, which a module does not. */
function early(): Plugin {
  return {
    name: 'early',
    buildStart() {
      this.emitFile({ type: 'asset', name: 'theme-early.js', source: readFileSync(join(import.meta.dirname, 'src', 'theme-early.js')) })
    },
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle = {} }) {
        const file = Object.keys(bundle).find((name) => name.includes('theme-early'))
        return file === undefined ? [] : [{ tag: 'script', attrs: { src: `/${file}` }, injectTo: 'head' }]
      },
    },
  }
}

/** The machines as they are defined, laid out once here: what lays them out is larger than all pages together. */
function machineLayouts(): Plugin {
  const name = 'virtual:machine-layouts'
  return {
    name: 'machine-layouts',
    resolveId: (id) => (id === name ? `\0${name}` : null),
    async load(id) {
      if (id !== `\0${name}`) return null
      const laid = await Promise.all(Object.entries(machineDefinitions).map(async ([type, definition]) => [type, await layoutMachine(definition)] as const))
      return `export const layouts = ${JSON.stringify(Object.fromEntries(laid))}`
    },
  }
}

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  // Data addresses are refused by our Content-Security-Policy, so nothing is inlined.
  build: { outDir, emptyOutDir: true, assetsInlineLimit: 0, target: 'es2022', modulePreload: { polyfill: false } },
  logLevel: 'warn',
  plugins: [early(), machineLayouts(), gzipped()],
})
