import HTTPTypes
import HummingbirdTesting
import MailModel
import Testing

@testable import Console

@Suite("Health")
struct ConsoleHealthTests {
    @Test("A running receiver with room and books that balance is healthy")
    func healthy() {
        let health = ConsoleHealth(SampleStatus.healthy)
        #expect(health.isReady && health.isHealthy)
        #expect(health.notices.isEmpty)
    }

    static let obstacles: [(String, ConsoleStatus)] = [
        ("The receiver is not running.", SampleStatus.changed { $0.receiver?.isRunning = false }),
        (
            "The spool takes no mail: fdatasync failed",
            SampleStatus.changed { $0.receiver?.spoolFailure = "fdatasync failed" }
        ),
        (
            "The disk has 24 GiB free, less than the floor of 25 GiB: mail is deferred.",
            SampleStatus.changed { $0.disk = SampleStatus.disk(freeGiB: 24) }
        ),
        (
            "The disk has 1638399 inodes free, less than the floor of 1638400: mail is deferred.",
            SampleStatus.changed { $0.disk.freeInodes = 1_638_399 }
        ),
        (
            "The Ledger cannot be read: gone",
            SampleStatus.changed { ($0.receiver, $0.ledger) = (nil, .unreadable("gone")) }
        ),
    ]

    @Test("Where no mail is taken, readiness is 503 with the reason, and the page is red", arguments: obstacles)
    func obstacle(reason: String, status: ConsoleStatus) async throws {
        #expect(ConsoleHealth(status).obstacles == [reason])
        let response = try await InMemoryConsole.ask("/readyz", of: FixedSource(status))
        #expect(response.status == .serviceUnavailable)
        #expect(response.text == reason + "\n")
        let page = try await InMemoryConsole.ask("/", of: FixedSource(status))
        #expect(page.status == .ok)
        #expect(page.text.contains("<section class=\"verdict problem\""))
        #expect(page.text.contains("Mail is not taken."))
    }

    static let problems: [(String, ConsoleStatus)] = [
        ("The Ledger cannot be read: gone", SampleStatus.changed { $0.ledger = .unreadable("gone") }),
        (
            "3 deliveries have failed: see “layover audit --state failed”.",
            SampleStatus.changedLedger { $0.deliveries = SampleStatus.deliveries(failed: 3) }
        ),
        (
            "1 delivery has failed: see “layover audit --state failed”.",
            SampleStatus.changedLedger { $0.deliveries = SampleStatus.deliveries(failed: 1) }
        ),
        (
            "The books do not balance: 57354 accepted, 57353 accounted for. Run “layover prove”.",
            SampleStatus.changedLedger { $0.deliveries.accepted = 57_354 }
        ),
        ("The spool is damaged in 1 place. Run “layover fsck”.", SampleStatus.changedLedger { $0.damagedPlaces = 1 }),
        (
            "The Ledger is 61 seconds behind the spool: the figures are old.",
            SampleStatus.changedLedger { $0.lagSeconds = 61 }
        ),
        ("1 mailbox reports an error.", SampleStatus.changedLedger { $0.mailboxes[0].lastError = "NO" }),
        ("Target ox: refused", SampleStatus.changed { $0.replay?.targets[0].lastError = "refused" }),
    ]

    @Test("What needs a person is a problem, but mail is taken", arguments: problems)
    func problem(reason: String, status: ConsoleStatus) async throws {
        let health = ConsoleHealth(status)
        #expect(health.problems == [reason])
        #expect(health.isReady && !health.isHealthy)
        #expect(try await InMemoryConsole.ask("/readyz", of: FixedSource(status)).status == .ok)
    }

    static let calm: [ConsoleStatus] = [
        SampleStatus.changed { $0.disk = SampleStatus.disk(freeGiB: 25) },
        SampleStatus.changed { $0.disk.freeInodes = 1_638_400 },
        SampleStatus.changed { ($0.disk.freeInodes, $0.disk.totalInodes) = (0, 0) },
        SampleStatus.changed { $0.receiver = nil },
        SampleStatus.changed { $0.replay = nil },
        SampleStatus.changedLedger { $0.deliveries.accepted = nil },
        SampleStatus.changedLedger { $0.lagSeconds = 60 },
        SampleStatus.changedLedger { $0.deliveries.doubtful = 2 },
        SampleStatus.changedLedger { $0.heldWithoutMailbox = 2 },
        SampleStatus.changed { $0.notices = ["SQLite 3.40.1 has a bug."] },
    ]

    @Test("This side of each limit, and doubts, stay calm", arguments: calm)
    func isCalm(status: ConsoleStatus) { #expect(ConsoleHealth(status).isHealthy) }

    @Test("Readiness follows the status")
    func transitions() async throws {
        let source = FixedSource(SampleStatus.healthy)
        let failed = SampleStatus.changed { $0.receiver?.spoolFailure = "ENOSPC" }
        for (status, expected) in [(SampleStatus.healthy, 200), (failed, 503), (SampleStatus.healthy, 200)] {
            source.set(status)
            #expect(try await InMemoryConsole.ask("/readyz", of: source).status.code == expected)
        }
    }

    @Test("A floor in percent counts bytes and inodes, one in bytes keeps a few inodes")
    func floors() {
        let space = FreeFloorSample.space
        #expect(FreeFloor.percent(5).figures(space).floorBytes == 50)
        #expect(FreeFloor.percent(5).figures(space).floorInodes == 10)
        #expect(FreeFloor.bytes(ByteCount(700)).figures(space).floorBytes == 700)
        #expect(!FreeFloor.bytes(ByteCount(701)).figures(space).hasBytes)
        #expect(FreeFloor.bytes(ByteCount(700)).figures(space).hasBytes)
        #expect(FreeFloor.bytes(ByteCount(1)).figures(space).floorInodes == 16)
    }
}
