// The frame that is sent over and over: MeterValues of a three-phase car, as charge points write them, about 1.2 kB.

/** Text of a CALL with that id, measured now. */
export function meterFrame(id: string, transactionId: number, energyWh: number, currentA: number): string {
  return JSON.stringify([2, id, 'MeterValues', {
    connectorId: 1,
    transactionId,
    meterValue: [{
      timestamp: new Date().toISOString(),
      sampledValue: [
        { value: String(energyWh), context: 'Sample.Periodic', format: 'Raw', measurand: 'Energy.Active.Import.Register', location: 'Outlet', unit: 'Wh' },
        { value: (currentA * 690).toFixed(1), context: 'Sample.Periodic', format: 'Raw', measurand: 'Power.Active.Import', location: 'Outlet', unit: 'W' },
        ...['L1', 'L2', 'L3'].map((phase) => ({ value: currentA.toFixed(1), context: 'Sample.Periodic', format: 'Raw', measurand: 'Current.Import', phase, location: 'Outlet', unit: 'A' })),
        ...['L1-N', 'L2-N', 'L3-N'].map((phase) => ({ value: '230.4', context: 'Sample.Periodic', format: 'Raw', measurand: 'Voltage', phase, location: 'Outlet', unit: 'V' })),
        { value: '54', context: 'Sample.Periodic', measurand: 'SoC', location: 'EV', unit: 'Percent' },
      ],
    }],
  }])
}
