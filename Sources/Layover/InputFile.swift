#if canImport(Glibc)
import Glibc
#endif

/// A file that a person names on the command line.
enum InputFile {
    private static let pieceLength = 64 << 10

    /// All of it; also from a pipe. Throws with the system's reason where it cannot be read, and where it is empty.
    ///
    /// - Parameter kind: what is wanted, such as "a CSV file".
    static func read(_ path: String, as kind: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, kind) }
        defer { close(descriptor) }
        var (bytes, piece) = ([UInt8](), [UInt8](repeating: 0, count: pieceLength))
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure(path, kind) }
            if count == 0 { break }
            bytes += piece[..<count]
        }
        guard !bytes.isEmpty else { throw CommandError(.badData, "\(path): it is empty; give \(kind)") }
        return bytes
    }

    private static func failure(_ path: String, _ kind: String) -> CommandError {
        let number = errno
        let remedy =
            number == EACCES
            ? "it must be readable by the owner of the spool, as whom commands of root act too" : "give \(kind)"
        return CommandError(.badData, "\(path): cannot be read: \(String(cString: strerror(number))); \(remedy)")
    }
}
