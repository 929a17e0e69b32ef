import Ledger

#if canImport(Glibc)
import Glibc
#endif

/// The end report that `replay --report FILE` leaves: JSON or CSV, by the name's end.
///
/// The file is opened before anything is done: by then the command is still whoever called it, and a mistyped path is found before the
/// weekend's work, not behind it. What is in it is replaced only when the report is there.
final class ReportFile {
    private let path: String
    private let format: ReportFormat
    private let descriptor: Int32

    init(_ path: String) throws {
        let name = path.lowercased()
        guard name.hasSuffix(".json") || name.hasSuffix(".csv") else {
            throw CommandError(.usage, "--report \(path): give a name that ends in .json or .csv")
        }
        self.path = path
        format = name.hasSuffix(".json") ? .json : .csv
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    deinit { close(descriptor) }

    func write(_ report: DeliveryReport) throws {
        guard ftruncate(descriptor, 0) == 0 else { throw Self.failure(path) }
        let bytes = Array(format.text(report).utf8)
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw Self.failure(path) }
            rest = rest.dropFirst(written)
        }
    }

    private static func failure(_ path: String) -> CommandError {
        CommandError(
            .inputOutput,
            "the report cannot be written to \(path): \(String(cString: strerror(errno))); `layover report` prints it too"
        )
    }
}
