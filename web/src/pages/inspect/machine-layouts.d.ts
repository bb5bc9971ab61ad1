// Made by vite when the pages are built: where the states of each machine stand.
declare module 'virtual:machine-layouts' {
  export const layouts: Readonly<Record<string, import('../../../layout/machine-layout.ts').MachineLayout>>
}
