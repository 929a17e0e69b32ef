#if canImport(Glibc)
import Glibc
#endif

/// Tells systemd how the service is, by the protocol of sd_notify(3): lines in a datagram to the socket in `NOTIFY_SOCKET`.
///
///     READY=1
///     STATUS=taking mail
///
/// Without such a socket every call does nothing; a datagram that cannot be sent is lost, as sd_notify(3) advises.
struct ServiceNotifier: Sendable {
    /// A path, or a name in the abstract namespace with NUL in front.
    private let address: [UInt8]?

    static let fromEnvironment = ServiceNotifier(socket: getenv("NOTIFY_SOCKET").map { String(cString: $0) })

    /// - Parameter socket: `/run/systemd/notify` or `@name`.
    init(socket: String?) {
        guard let socket, socket.hasPrefix("/") || socket.hasPrefix("@"), (2...107).contains(socket.utf8.count) else {
            address = nil
            return
        }
        address = socket.hasPrefix("@") ? [0] + Array(socket.utf8.dropFirst()) : Array(socket.utf8)
    }

    var isSupervised: Bool { address != nil }

    func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }
    func stopping(_ status: String) { send("STOPPING=1\nSTATUS=\(status)") }
    func watchdog() { send("WATCHDOG=1") }

    /// - Parameter extending: the start may take so much longer.
    func status(_ status: String, extending: Duration? = nil) {
        let more = extending.map { "\nEXTEND_TIMEOUT_USEC=\($0.milliseconds * 1000)" } ?? ""
        send("STATUS=\(status)\(more)")
    }

    func send(_ lines: String) {
        guard let address else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // sockaddr_un: the family, then the name; a path is followed by its NUL, an abstract name is exactly as long as it is.
        let family = withUnsafeBytes(of: sa_family_t(AF_UNIX)) { Array($0) }
        let target = family + address + (address.first == 0 ? [] : [0])
        let bytes = Array(lines.utf8)
        _ = target.withUnsafeBytes { name in
            sendto(
                descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL),
                name.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(name.count))
        }
    }
}
