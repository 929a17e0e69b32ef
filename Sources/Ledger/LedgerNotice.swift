/// Something that opening or projecting did and that a person may want to know: to be logged.
public struct LedgerNotice: Hashable, Sendable, CustomStringConvertible {
    /// One line: what was found, and what was done.
    public let description: String

    static func older(_ path: String, version: Int64) -> LedgerNotice {
        LedgerNotice(
            description: "\(path) was made by an older Layover (schema \(version)): it is built again from the spool")
    }

    static func missingMail(_ path: String, _ count: Int, keptAs kept: String) -> LedgerNotice {
        LedgerNotice(
            description:
                "MISSING: \(path) knew \(count) messages in segments whose files are gone; unless `layover reclaim` has been interrupted, that mail is lost, and only this index knows it: it is kept as \(kept). Restore the segments from a backup, then run `layover fsck`"
        )
    }

    static func damaged(_ path: String, _ words: String, keptAs kept: String) -> LedgerNotice {
        LedgerNotice(
            description:
                "\(path) is damaged (\(words)): it was moved to \(kept) and is built again from the spool; no mail is lost"
        )
    }

    static func building(_ path: String) -> LedgerNotice {
        LedgerNotice(description: "\(path) is being built from the whole spool; mail is taken meanwhile")
    }

    static func built(_ path: String, _ progress: LedgerProgress, _ duration: Duration) -> LedgerNotice {
        LedgerNotice(
            description:
                "\(path) was built from the spool: \(progress.message) messages and \(progress.act) acts in \(duration.components.seconds) s"
        )
    }
}
