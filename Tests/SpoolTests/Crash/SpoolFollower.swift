import MailModel
import TestKit

@testable import Spool

/// Another process that reads messages as they become stable, as the Ledger does, and never reads a place twice.
struct SpoolFollower {
    let layout: SpoolLayout
    let mistake: BrokenVariant.Mistake?
    private(set) var seen: [SpoolLocation] = []
    private(set) var damage: [SpoolDamage] = []
    private var position = SpoolPosition.start

    init(layout: SpoolLayout, mistake: BrokenVariant.Mistake?) {
        self.layout = layout
        self.mistake = mistake
    }

    /// Reads what is new. A disk that fails it is none of its business: it tries again later.
    mutating func follow(_ fileSystem: any SpoolFileSystem) {
        let reader = SpoolReader(layout: layout, fileSystem: fileSystem)
        guard let end = try? end(reader, fileSystem) else { return }
        while let page = try? reader.messages(from: position, end: end, limit: 3) {
            seen += page.messages.map(\.location)
            damage += page.damage
            guard page.next > position else { return }
            position = page.next
        }
    }

    private func end(_ reader: SpoolReader, _ fileSystem: any SpoolFileSystem) throws -> SpoolPosition {
        switch mistake {
        case .readsBeyondStableEnd: SpoolPosition(segment: .max, offset: .max)
        case .trustsCommitted:
            try CommittedPosition(layout: layout, fileSystem: fileSystem, writing: false).read() ?? .start
        default: try reader.stableEnd()
        }
    }
}
