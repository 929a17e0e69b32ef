/// A file that systemd puts below `/run/credentials` for a unit with `LoadCredential=NAME:SOURCE`.
struct SystemdCredential {
    /// Where the units that come with Layover take it from: below this, under the same name.
    private static let sources = "/etc/layover/credentials/"

    let unit: String
    let name: String

    /// Nil for a path that is not `/run/credentials/UNIT/NAME`.
    init?(path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "run", parts[2] == "credentials" else { return nil }
        (unit, name) = (String(parts[3]), String(parts[4]))
    }

    var source: String { Self.sources + name }
}
