/// A program that ran to its end, and what it printed.
public struct FinishedProgram: Sendable {
    public let ending: ChildProcess.Ending
    public let outputBytes: [UInt8]
    public let errors: String
    private let command: String

    init(_ name: String, _ arguments: [String], _ child: ChildProcess, _ ending: ChildProcess.Ending) {
        self.ending = ending
        outputBytes = child.outputBytes
        errors = child.errorText
        command = ([name] + arguments).joined(separator: " ")
    }

    public var isSuccess: Bool { ending == .exited(0) }
    public var output: String { String(decoding: outputBytes, as: UTF8.self) }
    /// What it printed on either stream, standard output first.
    public var text: String { output + errors }

    /// Itself. Throws with what it complained of where it did not end with 0.
    @discardableResult
    public func successful() throws -> FinishedProgram {
        guard isSuccess else { throw TestFailure("\(command): \(ending)\n\(errors)") }
        return self
    }
}
