/// Bytes in a spool file that are not what was written there.
public struct SpoolDamage: Hashable, Sendable, CustomStringConvertible {
    public var file: String
    public var offset: Int
    public var length: Int
    /// What is wrong, for a person.
    public var finding: String

    public init(file: String, offset: Int, length: Int, finding: String) {
        self.file = file
        self.offset = offset
        self.length = length
        self.finding = finding
    }

    public var description: String { "\(file): \(finding) at byte \(offset), \(length) bytes" }
}
