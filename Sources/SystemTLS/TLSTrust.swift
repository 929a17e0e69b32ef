/// Whose signature makes a server's certificate believable.
public enum TLSTrust: Hashable, Sendable {
    /// The system's store, `/etc/ssl/certs` on Debian.
    case system
    /// The PEM certificates in this file and no others. Each is an anchor by itself, so a self-signed server certificate,
    /// or an intermediate, can be put here as it is.
    case file(String)
}
