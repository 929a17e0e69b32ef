import Foundation
import Ledger
import Logging
import MailModel
import NIOPosix
import Spool
import Synchronization
import TestKit
import Testing

@testable import Replayer

/// Giving the disk back, with the mailboxes of a real Dovecot asked before.
@Suite(.enabled(if: ThrowawayDovecot.isAvailable), .timeLimit(.minutes(10)))
struct ReclaimerTests {
    private static let users = ["a@example.test", "b@example.test"]

    private static var smallSegments: SpoolLimits {
        var limits = SpoolLimits()
        limits.segmentSize = .kib(16)
        return limits
    }

    /// Delivers 30 messages to each of two mailboxes, in several segments, and closes the wave of those in none.
    private static func run(_ test: (ReplayRig, [String: [ReplayRig.Accepted]]) async throws -> Void) async throws {
        try await ReplayRig.run(limits: smallSegments) { rig in
            var all: [String: [ReplayRig.Accepted]] = [:]
            for number in 0..<30 {
                for user in users {
                    all[user, default: []].append(
                        try await rig.accept(ReplayRig.text(number, octets: 2_000), to: [user]))
                }
            }
            try await rig.cutOver(users.map { ReplayRig.mailbox($0) })
            let report = try await rig.engine().replayOnce(ReplaySelection())
            #expect(report.held == 0)
            try await rig.journal.append([.waveClosed(name: "", why: "")])
            try await test(rig, all)
        }
    }

    private static func reclaimer(_ rig: ReplayRig, port: Int? = nil) throws -> Reclaimer {
        Reclaimer(
            ledger: rig.ledger, journal: rig.journal, targets: ["t": try rig.target(port: port)],
            group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private static let now = ReclaimOptions(retention: .zero)

    @Test("Closed segments go; what is known of their messages stays, also in a Ledger built anew")
    func all() async throws {
        try await Self.run { rig, _ in
            let before = try SegmentReclaim(layout: rig.layout).segments()
            #expect(before.count > 4)
            let rows = try rig.ledger.audit(AuditFilter())
            let dry = try await Self.reclaimer(rig).run(ReclaimOptions(retention: .zero, isDryRun: true))
            #expect(try SegmentReclaim(layout: rig.layout).segments() == before && dry.freed > 0)

            let told = Mutex<[Int]>([])
            let report = try await Self.reclaimer(rig).run(Self.now) { segment in
                told.withLock { $0.append(segment.number) }
            }
            #expect(told.withLock { $0 } == Array(before.dropLast()))
            #expect(report.segments.allSatisfy { $0.action == .removed } && report.freed >= dry.freed)
            #expect(report.mailboxes.count == 2 && report.mailboxes.allSatisfy { $0.missing == 0 && $0.error == nil })
            #expect(try SegmentReclaim(layout: rig.layout).segments() == before.suffix(1))
            try rig.expectProof(verified: 60)
            let after = try rig.ledger.audit(AuditFilter())
            #expect(after.map(\.id) == rows.map(\.id) && after.map(\.uid) == rows.map(\.uid))
            #expect(after.count { $0.reclaimedAt != nil } == report.messages)

            try Ledger.reindex(layout: rig.layout)
            #expect(try rig.ledger.audit(AuditFilter()) == after)
            try rig.expectProof(verified: 60)
            let again = try await Self.reclaimer(rig).run(Self.now)
            #expect(again.segments.isEmpty && again.freed == 0)
        }
    }

    @Test("A segment with mail that is owed is written anew, and that mail is delivered from where it stands now")
    func compacted() async throws {
        try await ReplayRig.run(limits: Self.smallSegments) { rig in
            var held: [ReplayRig.Accepted] = []
            for number in 0..<40 {
                let user = number % 5 == 0 ? Self.users[1] : Self.users[0]
                let accepted = try await rig.accept(ReplayRig.text(number, octets: 2_000), to: [user])
                if user == Self.users[1] { held.append(accepted) }
            }
            try await rig.cutOver([ReplayRig.mailbox(Self.users[0])])
            try await rig.journal.append([
                .mailboxSet(ReplayRig.mailbox(Self.users[1])), .waveClosed(name: "", why: ""),
            ])
            _ = try await rig.engine().replayOnce(ReplaySelection())
            // What was asked before the segments are written anew is still served afterwards.
            let reader = SpoolReader(layout: rig.layout)
            let places = try rig.ledger.heldMail(mailboxID: "id-" + Self.users[1], limit: 100).map(\.location)
            for place in places { _ = try reader.bytes(of: place) }

            let report = try await Self.reclaimer(rig).run(Self.now)
            #expect(report.segments.allSatisfy { if case .compacted = $0.action { true } else { false } })
            #expect(report.segments.count > 3 && report.messages > 20)
            for (place, message) in zip(places, held) { #expect(try reader.bytes(of: place) == message.bytes) }
            try await rig.cutOver([ReplayRig.mailbox(Self.users[1])])
            _ = try await rig.engine().replayOnce(ReplaySelection())
            try await rig.expectExactlyOnce(held, in: Self.users[1])
            try rig.expectProof(verified: 40)
            #expect(try SpoolExamination(layout: rig.layout).run().damage.isEmpty)
        }
    }

    @Test("A mailbox whose copies have vanished stops its own segments, until a person says otherwise")
    func vanished() async throws {
        try await Self.run { rig, _ in
            _ = try rig.dovecot.doveadm(["expunge", "-u", Self.users[0], "mailbox", "INBOX", "1:20"])
            let stopped = try await Self.reclaimer(rig).run(Self.now)
            #expect(stopped.alarming.map(\.address) == [Self.users[0]])
            #expect(stopped.alarming.first?.missing ?? 0 >= 16)
            // The other mailbox's may go meanwhile, where that is half of a segment.
            var filter = AuditFilter()
            filter.to = Self.users[0]
            let rows = try rig.ledger.audit(filter)
            let reader = SpoolReader(layout: rig.layout)
            #expect(rows.count == 30 && rows.allSatisfy { $0.reclaimedAt == nil })
            for row in rows { #expect(try !reader.bytes(of: row.location).isEmpty) }
            let accepted = try await Self.reclaimer(rig).run(ReclaimOptions(retention: .zero, acceptsVanished: true))
            #expect(accepted.alarming.isEmpty && accepted.freed > 0)
            try rig.expectProof(verified: 60)
        }
    }

    @Test("Mail that its user has filed into other folders, or deleted a little of, has not vanished")
    func filed() async throws {
        try await Self.run { rig, _ in
            for user in Self.users {
                _ = try rig.dovecot.doveadm(["mailbox", "create", "-u", user, "Kept"])
                _ = try rig.dovecot.doveadm(["move", "-u", user, "Kept", "mailbox", "INBOX", "1:15"])
                _ = try rig.dovecot.doveadm(["expunge", "-u", user, "mailbox", "INBOX", "1:2"])
            }
            let report = try await Self.reclaimer(rig).run(Self.now)
            #expect(report.alarming.isEmpty && report.freed > 0)
            #expect(report.mailboxes.allSatisfy { $0.missing <= 2 })
        }
    }

    @Test("Of a target that cannot be reached nothing is given back")
    func unreachable() async throws {
        try await Self.run { rig, _ in
            rig.dovecot.stop()
            let report = try await Self.reclaimer(rig).run(Self.now)
            #expect(report.freed == 0 && report.unreachable.count == 2)
            #expect(report.segments.allSatisfy { if case .stays = $0.action { true } else { false } })
        }
    }

    @Test("What a crash has cut short is finished by the next run, whatever may go by then", arguments: [false, true])
    func cutShort(isReplaced: Bool) async throws {
        try await Self.run { rig, _ in
            try rig.ledger.catchUp()
            let rules = ReclaimRules(now: .now(), retentionMilliseconds: 0)
            let segments = SegmentReclaim(layout: rig.layout)
            for number in [1, 2] {
                guard case .sound(let contents) = try segments.contents(of: number) else {
                    return #expect(Bool(false), "segment \(number) is not sound")
                }
                let candidates = try rig.ledger.reclaimCandidates(segment: number, rules: rules)
                let plan = SegmentPlan(number: number, size: contents.size, candidates: candidates)
                try await rig.journal.append(plan.acts(contents))
                guard isReplaced else { continue }
                _ = try segments.giveBack(contents, dead: plan.dead, large: []) { replace in
                    try replace()
                    return true
                }
            }
            try rig.expectProof(verified: 60)
            let report = try await Self.reclaimer(rig).run(ReclaimOptions(retention: .seconds(1_000_000)))
            #expect(report.segments.prefix(2).map(\.number) == [1, 2])
            #expect(report.segments.prefix(2).allSatisfy { $0.action == .removed })
            #expect(report.segments.dropFirst(2).allSatisfy { $0.messages == 0 })
            #expect(try rig.ledger.openReclaims().isEmpty && segments.segments().first == 3)
            try rig.expectProof(verified: 60)
        }
    }

    @Test("A damaged segment stays, and the others go")
    func damaged() async throws {
        try await Self.run { rig, _ in
            let path = rig.layout.segment(2)
            var bytes = try Data(contentsOf: URL(filePath: path))
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: URL(filePath: path))
            let report = try await Self.reclaimer(rig).run(Self.now)
            #expect(report.segments.filter { $0.action != .removed }.map(\.number) == [2])
            #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
            #expect(try SegmentReclaim(layout: rig.layout).segments().first == 2)
        }
    }

    @Test("One reclaim at a time")
    func lock() async throws {
        try await ReplayRig.run { rig in
            let lock = try SpoolLock.acquire(layout: rig.layout, name: .reclaim, wait: false)
            await #expect { _ = try await Self.reclaimer(rig).run(Self.now) } throws: {
                ($0 as? SpoolError)?.code == .locked
            }
            lock?.release()
        }
    }
}
