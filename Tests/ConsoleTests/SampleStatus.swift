import Console
import MailModel

/// A status to change one thing of.
enum SampleStatus {
    static let now = Timestamp(rfc3339: "2026-11-21T10:00:00Z") ?? Timestamp(seconds: 0)

    /// Everything runs and balances.
    static var healthy: ConsoleStatus {
        var receiver = ReceiverFigures(isRunning: true)
        receiver.sessionsNow = 14
        receiver.sessionsTotal = 20_411
        receiver.messagesAccepted = 48_213
        receiver.bytesAccepted = 3_912_004_000
        receiver.messagesRefused = 12
        receiver.recipientsRefused = 420
        return ConsoleStatus(
            takenAt: now, startedAt: now.adding(milliseconds: -273_600_000), hostname: "mx1.example.com",
            version: "0.1.0",
            receiver: receiver, disk: disk(freeGiB: 310),
            replay: ReplayFigures(
                isFollowing: true,
                targets: [
                    TargetFigures(name: "ox", connectionsInUse: 5, connectionCeiling: 8, messagesPerSecond: 412.7)
                ]),
            ledger: .readable(ledger))
    }

    static func disk(freeGiB: Int) -> DiskFigures {
        DiskFigures(
            freeBytes: freeGiB << 30, totalBytes: 500 << 30, floorBytes: 25 << 30, freeInodes: 31_000_000,
            totalInodes: 32_768_000,
            floorInodes: 1_638_400)
    }

    static var ledger: LedgerFigures {
        LedgerFigures(
            deliveries: deliveries(), heldBytes: 1_610_612_736, oldestHeldAt: now.adding(milliseconds: -266_400_000),
            mailboxes: [
                MailboxFigures(
                    address: "anna@example.com", target: "ox", wave: "1", phase: .live, state: "live", delivered: 812,
                    verified: 812),
                MailboxFigures(
                    address: "bob@example.com", target: "ox", wave: "1", phase: .replaying, state: "replaying, 12 left",
                    held: 12,
                    delivered: 90, verified: 90),
                MailboxFigures(
                    address: "chloé@example.fr", target: "ox", wave: "2", phase: .holding, state: "holding", held: 1_204
                ),
                MailboxFigures(
                    address: "dora@example.com", target: "ox", wave: "2", phase: .paused, state: "paused, 40 left",
                    held: 40, delivered: 3,
                    verified: 3),
            ],
            waves: [
                WaveFigures(
                    name: "1", isClosed: true, mailboxes: 240, cutOver: 240, delivered: 30_211, verified: 30_211),
                WaveFigures(
                    name: "2", isClosed: false, mailboxes: 1_000, cutOver: 371, held: 18_002, delivered: 9_000,
                    verified: 8_800),
            ])
    }

    static func deliveries(failed: Int = 0, doubtful: Int = 0) -> DeliveryFigures {
        var deliveries = DeliveryFigures()
        deliveries.held = 18_002
        deliveries.appending = 2
        deliveries.delivered = 39_211
        deliveries.verified = 39_011
        deliveries.merged = 140
        deliveries.failed = failed
        deliveries.doubtful = doubtful
        deliveries.accepted = deliveries.accountedFor
        return deliveries
    }

    static func changed(_ change: (inout ConsoleStatus) -> Void) -> ConsoleStatus {
        var status = healthy
        change(&status)
        return status
    }

    static func changedLedger(_ change: (inout LedgerFigures) -> Void) -> ConsoleStatus {
        changed { status in
            var figures = ledger
            change(&figures)
            status.ledger = .readable(figures)
        }
    }

    /// Much goes wrong at once, and others write what they like.
    static var troubled: ConsoleStatus {
        changedLedger { ledger in
            ledger.deliveries = deliveries(failed: 3, doubtful: 2)
            ledger.heldWithoutMailbox = 7
            ledger.mailboxes.append(
                MailboxFigures(
                    address: "\u{202E}moc.elpmaxe@liam\"><script>alert(1)</script>", target: "ox", wave: "2",
                    phase: .replaying,
                    state: "replaying, 3 left", held: 3, failed: 3, doubtful: 2,
                    lastError:
                        "NO [OVERQUOTA] <img src=x onerror=alert(1)> Quota exceeded (mailbox for user is full)\u{1B}[31m"
                ))
        }
    }
}
