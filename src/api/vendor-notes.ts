// Where the address of a central system is entered, by vendor; each note with where it is said.

export interface VendorNote {
  readonly vendor: string
  readonly models: string
  /** In which program or page, and under which words. */
  readonly where: string
  /** What this charge point makes of the URL; null = nothing that is known. */
  readonly note: string | null
  readonly source: string
}

export const vendorNotes: readonly VendorNote[] = [
  { vendor: 'ABB', models: 'Terra AC', where: 'TerraConfig app: the address of the OCPP server.', note: null, source: 'https://github.com/evcc-io/evcc/discussions/14402' },
  {
    vendor: 'Alfen', models: 'Eve, firmware 6.0 and later', where: 'ACE Service Installer or MyEve app, tab Connectivity: back office preset “Manually enter backend settings”, then in the network profile protocol OCPP 1.6, server domain and port, and back office path.',
    note: 'Domain, port and path are separate fields. Afterwards Live Monitoring shows whether the boot was accepted. Certificates of one’s own are uploaded under General.', source: 'https://aceservice.alfen.com/en-US/knowledgebase/article/KA-01372',
  },
  { vendor: 'Bender', models: 'charge controllers built into charge points of many makes', where: 'Configuration page of the charge controller: Backend > OCPP, OCPP mode OCPP-J 1.6, and “WebSockets JSON OCPP URL of the Backend”.', note: 'The identity is a field of its own, “OCPP ChargeBoxIdentity (ChargePointID)”.', source: 'https://dlm.energy/hub-internal/OCPP/ocpp-csms' },
  { vendor: 'cFos', models: 'Power Brain Wallbox', where: 'Settings of the wallbox (gear on its tile), section OCPP gateway: OCPP gateway URL, client ID and password.', note: 'Its charging manager must be set to observe only.', source: 'https://www.cfos-emobility.de/sv/cfos-charging-manager/documentation/ocpp-configuration.htm' },
  { vendor: 'go-e', models: 'Charger with API v2', where: 'go-e app: Internet > OCPP; or over its HTTP API with the keys ocppe (on) and ocppu (URL).', note: 'The key ocppf is the current it falls back to.', source: 'https://github.com/goecharger/go-eCharger-API-v2/blob/main/ocpp-en.md' },
  { vendor: 'Spelsberg', models: 'Wallbox', where: 'App: System > Settings > Advanced settings > OCPP: mode OCPP-J 1.6, OCPP backend URL, OCPP charge point ID and password.', note: null, source: 'https://spelsberg.nl/service/support/support-e-mobility/support-spelsberg-wallbox/backend-integratie' },
  { vendor: 'Wallbox', models: 'Commander 2', where: 'myWallbox app or portal: switch on OCPP, then URL, charge point identity and password.', note: 'The identity is a field of its own.', source: 'https://docs.evcc.io/en/chargers/wallbox-commander-2' },
]
