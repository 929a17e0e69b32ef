import Foundation

/// What a verb left behind.
public struct CommandResult: Sendable, CustomStringConvertible {
    public let arguments: [String]
    public let ending: ChildProcess.Ending
    public let outputBytes: [UInt8]
    public let errors: String

    /// The exit status; nil when a signal ended it.
    public var status: Int32? {
        if case .exited(let status) = ending { status } else { nil }
    }

    public var output: String { String(decoding: outputBytes, as: UTF8.self) }

    public var outputLines: [String] { output.split(separator: "\n").map(String.init) }

    public var description: String {
        "layover \(arguments.joined(separator: " ")): \(ending)\n\(output)\(errors)"
    }
}
