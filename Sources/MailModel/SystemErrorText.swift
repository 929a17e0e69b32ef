#if canImport(Glibc)
import Glibc
#endif

/// What the system means by an error number, for one line to a person: `Connection refused`.
///
/// NIO's own text for it names the call, and the number behind a bracket: nothing that an operator can use.
public enum SystemErrorText {
    public static func of(_ number: Int32) -> String { String(cString: strerror(number)) }

    /// - Parameter number: the error's number where the system has raised it; nil for an error that speaks for itself.
    public static func of(_ error: any Error, number: Int32?) -> String { number.map(of) ?? "\(error)" }

    /// Why an address cannot be listened at, with what to do.
    public static func listening(_ error: any Error, number: Int32?, port: Int) -> String {
        let remedy: String? =
            switch number {
            case EADDRINUSE:
                "another program listens there (`ss -ltnp 'sport = :\(port)'` names it): end it, or configure another address"
            case EADDRNOTAVAIL: "this machine has no such address (`ip address` lists them): configure one that it has"
            case EACCES:
                "ports below 1024 are for root or for who is handed the socket: use the systemd units, or another port"
            default: nil
            }
        return of(error, number: number) + (remedy.map { "; \($0)" } ?? "")
    }
}
