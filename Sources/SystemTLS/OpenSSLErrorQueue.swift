import CLibSSL

/// OpenSSL's queue of errors of this thread.
///
/// An error that one connection left there would be read as the failure of the next one on the same event loop, so
/// the queue is cleared before every call whose failure is looked at, and emptied by whoever reports one.
enum OpenSSLErrorQueue {
    static func clear() { ERR_clear_error() }

    /// Takes every error out, oldest first, as `reason; reason`; nil when the queue was empty.
    static func drain() -> String? {
        var reasons: [String] = []
        while true {
            let code = ERR_get_error()
            guard code != 0 else { break }
            let reason = text(of: code)
            if !reasons.contains(reason) { reasons.append(reason) }
        }
        return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
    }

    private static func text(of code: UInt) -> String {
        if let reason = ERR_reason_error_string(code) { return String(cString: reason) }
        // A failed system call (`No such file or directory`) has no reason string, only the long form.
        var line = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &line, line.count)
        let whole = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return whole.split(separator: ":").last.map(String.init) ?? whole
    }
}
