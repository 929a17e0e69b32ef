#if canImport(Glibc)
import Glibc
#endif

/// The words behind the command's name.
enum CommandWords {
    /// Swift looks for them on the stack behind `environ`, which a preloaded library may have moved (libfaketime does, by `setenv`). It then
    /// finds none, and a service that was started with words would print its help and end with 0. The kernel knows them still.
    static var current: [String] {
        CommandLine.arguments.isEmpty ? Array(kernel().dropFirst()) : Array(CommandLine.arguments.dropFirst())
    }

    private static func kernel() -> [String] {
        let descriptor = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        // Every word ends with a NUL, an empty one too.
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
