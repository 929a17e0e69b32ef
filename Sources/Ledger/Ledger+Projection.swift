import Spool

/// Bringing the Ledger up to the spool.
extension Ledger {
    /// Projects what is new. When this returns, everything that was in the spool when it was called can be asked for.
    ///
    /// A Ledger that has read nothing yet is built in one go where there is much to read, and one that turns out to be damaged is
    /// moved away and built again.
    ///
    /// Throws `.restored` where the spool is not the one that was read before: see ``RestoreWatch``.
    ///
    /// - Parameter each: called after each transaction.
    @discardableResult
    public func catchUp(each: (LedgerProgress) -> Void = { _ in }) throws -> LedgerProgress {
        do {
            return try follow(each: each)
        } catch let error as LedgerError where error.code == .corrupt && database.role == .writer {
            try database.replaceDamaged(error.message)
            return try follow(each: each)
        }
    }

    private func follow(each: (LedgerProgress) -> Void) throws -> LedgerProgress {
        if let why = try contradiction() {
            throw LedgerError(
                code: .restored,
                message:
                    "the spool in \(layout.directory) was restored or cut while it was in use: \(why); run `layover status`"
            )
        }
        if database.role == .writer { try buildIfMuch(each: each) }
        let projector = LedgerProjector(source: source, rules: rules) { try self.database.write($0) }
        let progress = try projector.catchUp(each: each)
        try database.emptyWAL(ifLargerThan: LedgerLimits.walLeftBehind)
        return progress
    }

    /// Builds the Ledger where it has read nothing yet and there is much: in a fraction of the time that following would take.
    private func buildIfMuch(each: (LedgerProgress) -> Void) throws {
        guard try progress().spool == .start else { return }
        let many = messagesWorthBuilding
        let page = try source.messages(from: .start, end: source.stableEnd(), limit: many, withHeaderPrefix: false)
        guard page.messages.count >= many else { return }
        notice(.building(layout.ledger))
        let start = ContinuousClock.now
        var built: LedgerProgress?
        let isBuilt = try database.rebuildIfEmpty { writer in
            built = try BulkProjection(writer: writer, source: source, rules: rules).run(each: each)
        }
        if isBuilt, let built { notice(.built(layout.ledger, built, ContinuousClock.now - start)) }
    }
}
