import Logging
import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#endif

extension ReceiverService {
    private static let resolverFile = "/etc/resolv.conf"

    /// The asker of the DNS; nil where nothing is to be asked, or there is nobody to ask.
    func lookup(_ pool: NIOThreadPool) async throws -> ClientLookup? {
        guard configuration.asksClientNames || !configuration.blocklists.zones.isEmpty else { return nil }
        let server: SocketAddress?
        if let named = configuration.nameServer {
            server = try SocketAddress(ipAddress: named.host, port: named.port)
        } else {
            server = try await pool.runIfActive { ResolverFile.firstServer(in: Self.text(of: Self.resolverFile)) }
        }
        guard let server else {
            logger.warning(
                "no name server: clients' names and blocklists are not asked for",
                metadata: ["file": "\(Self.resolverFile)"])
            return nil
        }
        return ClientLookup(
            dns: DNSClient(server: server) { [statistics, logger] purpose, isFirst in
                statistics.leaveUnasked(purpose)
                guard isFirst else { return }
                logger.log(
                    level: purpose == .blocklists ? .warning : .info,
                    "the DNS is not asked about every client: too many questions wait for an answer",
                    metadata: ["for": "\(purpose.rawValue)", "server": "\(server)"])
            }, blocklists: configuration.blocklists,
            asksNames: configuration.asksClientNames)
    }

    /// The first 64 KiB of a file; empty where it cannot be read.
    private static func text(of path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }
}
