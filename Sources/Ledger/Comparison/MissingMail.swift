import Spool

/// Mail that the Ledger in place knows and one built from the spool does not.
struct MissingMail {
    let count: Int
    /// The first of it.
    let example: LedgerDifference

    var refusal: LedgerError { Self.refusal(count, "the index alone, which stays as it is: \(example)") }

    static func refusal(_ count: Int, _ knower: String) -> LedgerError {
        LedgerError(
            code: .missingMail,
            message:
                "\(count) messages are known to \(knower). Restore the segments from a backup, then run `layover fsck`; or `layover reindex --forget-missing-mail`, after which nothing knows of that mail any more"
        )
    }

    /// Nil where there is none, or where the Ledger in place cannot be asked, of whatever version it is. The caller holds the
    /// writer's lock.
    static func look(layout: SpoolLayout, built: LedgerWriter) throws -> MissingMail? {
        switch try LedgerPlace(layout: layout).inspect() {
        case .missing, .damaged: return nil
        case .ours, .older, .newer: break
        }
        do {
            return try SQLiteFailure.translated(path: layout.ledger) {
                let present = try LedgerWriter(path: layout.ledger, durability: .full)
                defer { present.close() }
                var comparison = LedgerComparison(progress: try LedgerProgress.load(built))
                try ViewComparison(.places, present: present, built: built, layout: layout).run(into: &comparison)
                guard let example = comparison.differences.first(where: \.isMissingMail) else { return nil }
                return MissingMail(count: comparison.missing, example: example)
            }
        } catch is LedgerError {
            return nil
        }
    }

    /// How many messages, not given back, a Ledger of whatever version knows in segments whose files are gone. 0 where it cannot be
    /// asked. The caller holds the writer's lock.
    static func countInLostSegments(layout: SpoolLayout) -> Int {
        let counts = try? SQLiteFailure.translated(path: layout.ledger) {
            let present = try LedgerWriter(path: layout.ledger, durability: .full)
            defer { present.close() }
            let select = try present.statement(
                "SELECT segment, count(*) FROM message WHERE reclaimed_at IS NULL GROUP BY segment")
            var count = 0
            while try select.step() {
                let isThere = try FileIdentity(path: layout.segment(Int(select.int(0)))) != nil
                count += isThere ? 0 : Int(select.int(1))
            }
            return count
        }
        return counts ?? 0
    }
}
