public import MailModel

/// What reading the whole spool has shown.
public struct SpoolFindings: Sendable {
    public var segments = 0
    public var messages = 0
    public var recipients = 0
    public var bytes = 0
    public var acts = 0
    /// Bytes that are not what was written, large files that are missing or changed, breaks of the journal's chain.
    public var damage: [SpoolDamage] = []
    /// The messages among the damage whose headers can be believed, and whose envelopes or bytes cannot.
    public var damagedMessages: [MessageID] = []
    /// Bytes at the end of the last segment or of the journal that are nothing whole, and of which nothing says that they were
    /// acknowledged.
    public var tornBytes = 0
    /// Files in `large/` that no record names: left by a crash before their record; no message of anybody's.
    public var unnamedLargeFiles: [String] = []
    /// Torn ends that starts have cut off and kept in `torn/`.
    public var keptTornEnds: [String] = []
    /// Paths in `segments/`, `large/`, `journal/` that are no files of the spool: links, pipes, directories, other names. Nothing
    /// follows or opens them.
    public var aliens: [String] = []
    /// Segments before the last one that do not end with a seal: after a kill or a power cut. Where neither happened, somebody has
    /// shortened the file.
    public var unsealedSegments: [String] = []

    /// Segments between others of which there is no file, and of which no act says that they were given back.
    public var missingSegments: [Int] = []

    public init() {}
}
