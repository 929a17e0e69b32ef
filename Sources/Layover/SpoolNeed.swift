import Spool

#if canImport(Glibc)
import Glibc
#endif

/// What a verb wants to find at `spool.directory`. A mistyped directory, or a disk that is not mounted, must not pass for an empty
/// spool.
enum SpoolNeed {
    /// A spool: most verbs.
    case spool
    /// The directory; what it lacks is made. The services of a machine start side by side.
    case directory
    /// Nothing: the verb may begin a spool.
    case nothing

    /// Whether there is a spool, whatever it holds.
    static func isSpool(_ directory: String) -> Bool { access(SpoolLayout(directory: directory).segments, F_OK) == 0 }

    static func isThere(_ directory: String) -> Bool { access(directory, F_OK) == 0 || errno != ENOENT }

    /// Throws where it is not met, and where the caller may not work in the directory.
    func require(of directory: String) throws {
        try SpoolOwner.requireAccess(to: directory)
        guard self != .nothing else { return }
        guard Self.isThere(directory) else { throw Self.missing("there is no directory \(directory)") }
        guard self == .directory || Self.isSpool(directory) else {
            throw Self.missing("\(directory) holds no spool: it lacks segments/")
        }
    }

    private static func missing(_ words: String) -> CommandError {
        CommandError(
            .configuration,
            "\(words): is `spool.directory` right, and its disk mounted? A new spool is made by `layover receive` or `layover serve` at its first start, or by `layover roster import`"
        )
    }
}
