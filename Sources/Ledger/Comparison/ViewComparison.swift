import MailModel
import Spool

/// Walks one view of two Ledgers side by side, in the order of its key: a row of each is in memory at a time.
struct ViewComparison {
    private let view: LedgerView
    private let present: WriteStatement
    private let built: WriteStatement
    private let layout: SpoolLayout

    init(_ view: LedgerView, present: LedgerWriter, built: LedgerWriter, layout: SpoolLayout) throws {
        self.view = view
        self.layout = layout
        self.present = try present.statement(view.sql)
        self.built = try built.statement(view.sql)
    }

    func run(into comparison: inout LedgerComparison) throws {
        defer {
            present.reset()
            built.reset()
        }
        var (hasPresent, hasBuilt) = (try present.step(), try built.step())
        while hasPresent || hasBuilt {
            let order = !hasPresent ? 1 : !hasBuilt ? -1 : present.compare(built, columns: view.keys)
            if order < 0 {
                comparison.add(try surplus())
            } else if order > 0 {
                comparison.add(.lacking(what: view.name, key: key(built)))
            } else {
                compare(into: &comparison)
            }
            if order <= 0 { hasPresent = try present.step() }
            if order >= 0 { hasBuilt = try built.step() }
        }
    }

    private func compare(into comparison: inout LedgerComparison) {
        var columns: [String] = []
        for column in Int32(view.keys)..<present.columnCount where !present.isSame(built, column: column) {
            columns.append(present.name(column))
        }
        guard !columns.isEmpty else { return }
        comparison.add(.differing(what: view.name, key: key(present), columns: columns))
    }

    private func surplus() throws -> LedgerDifference {
        guard view.name == LedgerView.messages.name, let id = present.messageID(0) else {
            return .surplus(what: view.name, key: key(present))
        }
        let place = SpoolPosition(segment: Int(present.int(1)), offset: Int(present.int(2)))
        let isThere = try FileIdentity(path: layout.segment(place.segment)) != nil
        return .missing(id, place: place, segmentIsThere: isThere)
    }

    private func key(_ row: WriteStatement) -> String {
        (0..<Int32(view.keys)).map { row.messageID($0)?.description ?? row.text($0) }.joined(separator: " ")
    }
}
