import MailModel
import TestKit

@testable import Spool

/// One life of two journal writers in turn over a disk on which something goes wrong, and what must hold afterwards.
struct JournalTrial: MatrixTrial {
    let layout: SpoolLayout
    let seed: UInt64
    var mistake: BrokenVariant.Mistake?

    static let limits: SpoolLimits = {
        var limits = SpoolLimits()
        limits.journalSize = ByteCount(3_000)
        return limits
    }()

    /// What happened: what was appended, in order, and whether the caller was told that it is safe; and what a reader saw.
    struct History {
        var acts: [(act: JournalAct, isSafe: Bool)] = []
        var seen: [JournalAct] = []
        var position = JournalPosition.start
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

    func freshDisk() -> PowerCutFileSystem { PowerCutFileSystem(root: layout.parent, seed: seed) }

    private func used(_ disk: PowerCutFileSystem) -> any SpoolFileSystem { mistake?.wrap(disk, layout) ?? disk }

    private func open(_ disk: PowerCutFileSystem) throws -> Journal {
        try Journal(layout: layout, by: "test", fileSystem: used(disk), limits: Self.limits)
    }

    func operations(of kinds: Set<DiskOperation>) async -> [DiskOperation] {
        let disk = freshDisk()
        _ = await run(on: disk)
        return disk.log(of: kinds)
    }

    func startOperations(after matrixCase: MatrixCase, of kinds: Set<DiskOperation>) async -> [DiskOperation] {
        let disk = freshDisk()
        disk.plan(matrixCase.faults)
        _ = await run(on: disk)
        let left = matrixCase.ending.disk(after: disk, seed: seed &+ 1)
        await start(left, 1)
        return left.log(of: kinds)
    }

    /// A process that comes, appends one act if it can, and goes. Its act counts as never confirmed.
    private func start(_ disk: PowerCutFileSystem, _ number: Int) async {
        _ = try? await open(disk).append([Self.visit(number)])
    }

    private static func visit(_ number: Int) -> JournalAct { .waveClosed(name: "visit-\(number)", why: "") }

    func violations(_ matrixCase: MatrixCase) async -> [String] {
        let disk = freshDisk()
        disk.plan(matrixCase.faults)
        var history = await run(on: disk)
        // The machine's last moment: a reader reads once more.
        let last = disk.afterKill()
        follow(last, &history)
        var left = matrixCase.ending.disk(after: last, seed: seed &+ 1)
        for (index, fault) in matrixCase.startFaults.enumerated() {
            left.plan([fault])
            await start(left, index)
            history.acts.append((Self.visit(index), false))
            left = matrixCase.ending.disk(after: left, seed: seed &+ 4 &+ UInt64(index))
        }
        do {
            return try await verdict(history, left)
        } catch {
            return ["the journal does not open again: \(error)"]
        }
    }

    private func run(on disk: PowerCutFileSystem) async -> History {
        var history = History()
        var writers: [Journal?] = [nil, nil]
        for (index, group) in groups.enumerated() {
            let turn = index % 2
            do {
                let writer = try writers[turn] ?? open(disk)
                writers[turn] = writer
                try await writer.append(group)
                history.acts += group.map { ($0, true) }
            } catch {
                // A process whose append failed ends; its place is taken by a new one.
                writers[turn] = nil
                history.acts += group.map { ($0, false) }
            }
            if index % 3 == 2 { follow(disk, &history) }
        }
        return history
    }

    /// Another process reads what is new, as the Ledger does, and never reads a place twice.
    private func follow(_ disk: PowerCutFileSystem, _ history: inout History) {
        let end: JournalPosition
        if mistake == .readsBeyondStableEnd {
            end = JournalPosition(file: .max, offset: .max)
        } else {
            guard let known = try? open(disk).end() else { return }
            end = known
        }
        let reader = JournalReader(layout: layout, fileSystem: used(disk))
        while let page = try? reader.entries(from: history.position, end: end, limit: 3) {
            history.seen += page.entries.compactMap(\.act)
            guard page.next > history.position else { return }
            history.position = page.next
        }
    }

    private func verdict(_ history: History, _ disk: PowerCutFileSystem) async throws -> [String] {
        var found: [String] = []
        let journal = try open(disk)
        let first = try journal.everything()
        found += compare(first, history)
        let acts = first.entries.compactMap(\.act)
        if Array(acts.prefix(history.seen.count)) != history.seen {
            found.append("acts that were read before are gone")
        }
        let probe = JournalAct.waveClosed(name: "probe", why: "")
        try await journal.append([probe])
        let cut = disk.afterPowerCut(seed: seed &+ 2)
        let second = try open(cut).everything()
        if second.entries.compactMap(\.act) != acts + [probe] { found.append("acts have changed since they were read") }
        if !second.damage.isEmpty { found.append("damage after recovery: \(second.damage)") }
        let examination = try SpoolExamination(layout: layout, fileSystem: cut).run()
        if !examination.damage.isEmpty || examination.acts != acts.count + 1 || examination.tornBytes != 0 {
            found.append("fsck finds \(examination)")
        }
        return found
    }

    private func compare(_ page: JournalPage, _ history: History) -> [String] {
        var found = page.damage.map { "damage is reported: \($0)" }
        if page.entries.map(\.sequence) != (0..<page.entries.count).map({ UInt64($0) + 1 }) {
            found.append("the numbers have gaps")
        }
        var expected = history.acts[...]
        for act in page.entries.map(\.act) {
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
