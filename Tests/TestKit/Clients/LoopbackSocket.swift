import Foundation

/// A blocking TCP connection to a port of this machine, read by lines.
///
/// Every wait has a limit; a peer that is silent for longer counts as gone.
public final class LoopbackSocket {
    /// The peer closed, reset or stayed silent: what became of the last command is not known.
    public struct Lost: Error, CustomStringConvertible {
        public let description: String
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var position = 0

    public init(port: UInt16, silence: Duration = .seconds(30)) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Lost(description: "no socket: \(errno)") }
        var limit = timeval(tv_sec: Int(silence.components.seconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            // `deinit` closes the socket, also after a throw from here.
            let why = errno
            throw Lost(description: "port \(port): \(String(cString: strerror(why)))")
        }
    }

    deinit { close(descriptor) }

    public func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw Lost(description: "write: \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(written)
        }
    }

    public func write(_ text: String) throws { try write(Array(text.utf8)) }

    /// One line without its CRLF.
    public func readLine() throws -> [UInt8] {
        while true {
            if let end = buffer[position...].firstIndex(of: 0x0A) {
                var line = Array(buffer[position..<end])
                position = end + 1
                if line.last == 0x0D { line.removeLast() }
                return line
            }
            try fill()
        }
    }

    public func read(_ count: Int) throws -> [UInt8] {
        while buffer.count - position < count { try fill() }
        defer { position += count }
        return Array(buffer[position..<position + count])
    }

    private func fill() throws {
        if position == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            position = 0
        }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                throw Lost(description: count == 0 ? "closed by the peer" : "read: \(String(cString: strerror(errno)))")
            }
            buffer += chunk[..<count]
            return
        }
    }
}
