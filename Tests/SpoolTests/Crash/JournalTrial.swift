import MailModel
import TestKit

@testable import Spool

/// One run of two journal writers in turn over a disk on which something goes wrong, and what must hold afterwards.
struct JournalTrial {
    let layout: SpoolLayout
    let seed: UInt64
    var weakness: WeakenedFileSystem.Weakness?

    static let limits: SpoolLimits = {
        var limits = SpoolLimits()
        limits.journalSize = ByteCount(3_000)
        return limits
    }()

    /// What was appended, in order, and whether the caller was told that it is safe.
    struct History {
        var acts: [(act: JournalAct, isSafe: Bool)] = []
    }

    var groups: [[JournalAct]] {
        var random = SeededGenerator(seed: seed)
        var number = 0
        return (0..<8).map { _ in
            (0..<Int.random(in: 1...3, using: &random)).map { _ in
                number += 1
                let length = [0, 40, 300, 2_100].randomElement(using: &random) ?? 0
                return .waveClosed(name: "act-\(number)", why: String(repeating: "x", count: length))
            }
        }
    }

    func freshDisk() -> PowerCutFileSystem { PowerCutFileSystem(root: CachedRoot.parent(of: layout), seed: seed) }

    func changes() async -> Int {
        let disk = freshDisk()
        _ = await run(on: disk)
        return disk.count()
    }

    func violations(_ faults: [PlannedFault], _ ending: SegmentTrial.Ending) async -> [String] {
        let disk = freshDisk()
        disk.plan(faults)
        let history = await run(on: disk)
        let left = ending == .kill ? disk.afterKill() : disk.afterPowerCut(seed: seed &+ 1)
        do {
            return try await verdict(history, left)
        } catch {
            return ["the journal does not open again: \(error)"]
        }
    }

    private func run(on disk: PowerCutFileSystem) async -> History {
        let fileSystem: any SpoolFileSystem = weakness.map { WeakenedFileSystem(disk, $0) } ?? disk
        var history = History()
        var writers: [Journal?] = [nil, nil]
        for (index, group) in groups.enumerated() {
            let turn = index % 2
            do {
                let writer = try writers[turn] ?? open(fileSystem)
                writers[turn] = writer
                try await writer.append(group)
                history.acts += group.map { ($0, true) }
            } catch {
                // A process whose append failed ends; its place is taken by a new one.
                writers[turn] = nil
                history.acts += group.map { ($0, false) }
            }
        }
        return history
    }

    private func open(_ fileSystem: any SpoolFileSystem) throws -> Journal {
        try Journal(layout: layout, by: "test", fileSystem: fileSystem, limits: Self.limits)
    }

    private func verdict(_ history: History, _ disk: PowerCutFileSystem) async throws -> [String] {
        var found: [String] = []
        let journal = try open(disk)
        let first = try journal.everything()
        found += compare(first, history)
        let probe = JournalAct.waveClosed(name: "probe", why: "")
        try await journal.append([probe])
        let cut = try open(disk.afterPowerCut(seed: seed &+ 2)).everything()
        if cut.entries.compactMap(\.act) != first.entries.compactMap(\.act) + [probe] {
            found.append("acts have changed since they were read")
        }
        if !cut.damage.isEmpty { found.append("damage after recovery: \(cut.damage)") }
        return found
    }

    private func compare(_ page: JournalPage, _ history: History) -> [String] {
        var found = page.damage.map { "damage is reported: \($0)" }
        if page.entries.map(\.sequence) != (0..<page.entries.count).map({ UInt64($0) + 1 }) {
            found.append("the numbers have gaps")
        }
        let acts = page.entries.map(\.act)
        var expected = history.acts[...]
        for act in acts {
            // Acts that were never confirmed may be there or not.
            while let next = expected.first, next.act != act, !next.isSafe { expected = expected.dropFirst() }
            if expected.first?.act == act {
                expected = expected.dropFirst()
            } else {
                found.append("\(String(describing: act)) is out of place")
            }
        }
        if expected.contains(where: \.isSafe) { found.append("an act that was safe is lost") }
        return found
    }
}

extension Journal {
    /// Every act to the end, in pages of three, and all damage.
    func everything() throws -> JournalPage {
        let end = try end()
        var whole = JournalPage(entries: [], next: .start, damage: [])
        while true {
            let page = try entries(from: whole.next, end: end, limit: 3)
            whole.entries += page.entries
            whole.damage += page.damage
            guard page.next > whole.next else { return whole }
            whole.next = page.next
        }
    }
}
