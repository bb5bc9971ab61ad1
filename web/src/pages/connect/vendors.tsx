// Where the setting is found in chargers of some makers.
export function VendorNotes() {
  return (
    <details>
      <summary>Where that is in some chargers</summary>
      <p class="soft">From their makers' manuals; menus differ between versions.</p>
      <dl class="facts vendor">{notes.map(([maker, text]) => <><dt key={maker}>{maker}</dt><dd>{text}</dd></>)}</dl>
    </details>
  )
}

const notes: readonly (readonly [string, string])[] = [
  ['Alfen', 'ACE Service Installer, Connectivity: the back office preset "Manually enter backend settings", then OCPP 1.6, server and port, and /ocpp/ as the path.'],
  ['Mennekes, Webasto and others with a Bender controller', 'Its own web page, BACKEND, OCPP: mode OCPP-J 1.6, the shorter address as the "WebSockets JSON OCPP URL of the Backend", its name as the ChargeBoxIdentity.'],
  ['Spelsberg', 'App, System, Settings, More settings, OCPP: mode OCPP-J 1.6, the backend URL, the charge point ID and the backend password.'],
  ['cFos', 'The settings of the wallbox, OCPP gateway: gateway URL, client ID and password.'],
  ['Others', 'Look for "OCPP", "backend", "back office" or "central system" in its web page, its app or the portal of its vendor. Where host, port and path have fields of their own, they are the parts of the address above.'],
]
