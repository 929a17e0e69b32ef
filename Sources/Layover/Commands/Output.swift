#if canImport(Glibc)
import Glibc
#endif

/// Standard output, written in large pieces. A closed pipe ends the process quietly, as `head` expects.
struct Output {
    fileprivate var waiting: [UInt8] = []

    mutating func write(_ text: String) {
        waiting += text.utf8
        if waiting.count >= 64 << 10 { flush() }
    }

    mutating func flush() {
        var rest = waiting[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { exit(errno == EPIPE ? 0 : ExitStatus.inputOutput.rawValue) }
            rest = rest.dropFirst(written)
        }
        waiting = []
    }

    /// Writes one text at once.
    static func print(_ text: String) {
        var output = Output()
        output.write(text.hasSuffix("\n") ? text : text + "\n")
        output.flush()
    }
}

extension Output {
    /// Bytes as they are.
    mutating func write(_ bytes: [UInt8]) {
        flush()
        waiting = bytes
    }
}
