import Foundation
import Glibc
import NIOCore
import Testing

/// A listening socket as systemd holds it: it is open before the first receiver and after the last.
final class SharedSocket: Sendable {
    let descriptor: CInt
    let address: SocketAddress

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        // sockaddr_in: family, port, address, padding.
        var name = [UInt8](repeating: 0, count: 16)
        name[0] = UInt8(AF_INET)
        name.replaceSubrange(4..<8, with: [127, 0, 0, 1])
        var length = socklen_t(name.count)
        let descriptor = self.descriptor
        let done = name.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { address in
                bind(descriptor, address.baseAddress, length) == 0 && listen(descriptor, 1024) == 0
                    && getsockname(descriptor, address.baseAddress, &length) == 0
            }
        }
        try #require(done)
        address = try SocketAddress(ipAddress: "127.0.0.1", port: Int(name[2]) << 8 | Int(name[3]))
    }

    deinit { close(descriptor) }

    /// What one receiver is given: its own descriptor for the same socket.
    func handOver() -> CInt { fcntl(descriptor, F_DUPFD_CLOEXEC, 3) }

    /// Nobody can take a connection from it any more, however many have it open.
    func breakDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// The same for a listening socket of this process that somebody else has opened.
    static func breakDown(at address: SocketAddress) throws {
        let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { CInt($0) }
        let found = try #require(descriptors.first { isListening($0, at: address) })
        shutdown(found, Int32(SHUT_RDWR))
    }

    private static func isListening(_ descriptor: CInt, at address: SocketAddress) -> Bool {
        var (accepts, length) = (CInt(0), socklen_t(MemoryLayout<CInt>.size))
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &length) == 0, accepts == 1 else {
            return false
        }
        // sockaddr_in: family, port, address, padding.
        var name = [UInt8](repeating: 0, count: 16)
        length = socklen_t(name.count)
        let isNamed = name.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: sockaddr.self) { getsockname(descriptor, $0.baseAddress, &length) == 0 }
        }
        return isNamed && name[0] == UInt8(AF_INET) && Int(name[2]) << 8 | Int(name[3]) == address.port
    }
}
