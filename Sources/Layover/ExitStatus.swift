import ArgumentParser
import Console
import Ledger
import Receiver
import Replayer
import Spool
import SystemTLS

#if canImport(Glibc)
import Glibc
#endif

/// Exit statuses after sysexits.h, and the one place that maps errors to them.
enum ExitStatus: Int32 {
    case ok = 0
    case usage = 64
    case badData = 65
    case targetUnavailable = 69
    case internalError = 70
    case inputOutput = 74
    /// Some mail of cut-over mailboxes is still to do.
    case temporary = 75
    /// The caller may not work in the spool.
    case noPermission = 77
    case configuration = 78

    /// Prints the error as one line where it is one of ours, and ends the process.
    static func exit(for error: any Error) -> Never {
        guard let status = status(of: error) else {
            // Usage, help and version: ArgumentParser knows how to say them, and exits 64 or 0.
            LayoverCommand.exit(withError: error)
        }
        StandardError.write("layover: \(error)\n")
        Glibc.exit(status.rawValue)
    }

    /// Nil for errors of the command line.
    private static func status(of error: any Error) -> ExitStatus? {
        switch error {
        case is ConfigurationError: .configuration
        case let error as CommandError: error.status
        case let error as SpoolError: error.code == .locked ? .temporary : .inputOutput
        case let error as LedgerError: error.isBadData ? .badData : error.isWrongVersion ? .configuration : .inputOutput
        case is ReceiverError: .targetUnavailable
        case let error as ReplayError: error.code == .unavailable ? .targetUnavailable : .temporary
        case is TLSError: .configuration
        case let error as ConsoleError: error.code == .listen ? .targetUnavailable : .configuration
        default: [.success, .validationFailure].contains(LayoverCommand.exitCode(for: error)) ? nil : .internalError
        }
    }
}

/// An error of a verb, with the status that it ends in.
struct CommandError: Error, CustomStringConvertible {
    var status: ExitStatus
    /// What is wrong, and what to do.
    var message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    var description: String { message }
}

/// Standard error, unbuffered.
enum StandardError {
    static func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while let base = rest.baseAddress, !rest.isEmpty {
                let written = Glibc.write(2, base, rest.count)
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }
}
