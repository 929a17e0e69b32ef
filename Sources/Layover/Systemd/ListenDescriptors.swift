#if canImport(Glibc)
import Glibc
#endif

/// Listening sockets that systemd, or a parent that follows sd_listen_fds(3), has handed over:
///
///     LISTEN_PID=4711 LISTEN_FDS=2 LISTEN_FDNAMES=smtp:smtp      descriptors 3 and 4
///
/// Systemd keeps them open when a service ends, so that connections wait in their backlog while it is started anew.
struct ListenDescriptors: Hashable, Sendable {
    /// The name that `FileDescriptorName=` gives in the socket unit.
    private static let name = "smtp"
    private static let first: CInt = 3
    /// More are a mistake, not an MX.
    private static let most = 64

    var sockets: [CInt] = []
    /// Names of descriptors that are nothing to us.
    var unknownNames: [String] = []

    /// Takes over what the environment says, once: the variables are removed, so that no child believes them.
    static func take() -> ListenDescriptors {
        let text = { (name: String) in getenv(name).map { String(cString: $0) } }
        let found = ListenDescriptors(
            processID: text("LISTEN_PID"), count: text("LISTEN_FDS"), names: text("LISTEN_FDNAMES"), ownID: getpid())
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
        for descriptor in found.sockets { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        return found
    }

    /// - Parameter ownID: variables for another process, such as a parent's, mean nothing to this one.
    init(processID: String?, count: String?, names: String?, ownID: pid_t) {
        guard let processID, pid_t(processID) == ownID, let count = count.flatMap({ Int($0) }),
            (1...Self.most).contains(count)
        else { return }
        let names = names?.split(separator: ":", omittingEmptySubsequences: false).map(String.init) ?? []
        for index in 0..<count {
            let name = index < names.count ? names[index] : "unknown"
            // Without `FileDescriptorName=` systemd names the socket unit.
            if name == Self.name || name == "unknown" || name.hasSuffix(".socket") {
                sockets.append(Self.first + CInt(index))
            } else {
                unknownNames.append(name)
            }
        }
    }
}
