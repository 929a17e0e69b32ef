import MailModel
import Spool

/// The status as metrics. No label holds an address: mailboxes are counted, not listed.
enum MetricsPage {
    static func text(_ result: Result<ConsoleStatus, any Error>) -> String {
        var metrics = MetricsText()
        switch result {
        case .failure:
            metrics.add(
                "layover_status_up", .gauge,
                "1 when the status could be read; the other metrics are missing while it is 0.", 0)
            metrics.add("layover_ready", .gauge, "1 while mail is taken.", 0)
        case .success(let status):
            add(status, to: &metrics)
            if let receiver = status.receiver { add(receiver, to: &metrics) }
            add(status.disk, to: &metrics)
            if let figures = status.ledger.figures { add(figures, to: &metrics) }
            if let replay = status.replay { add(replay, to: &metrics) }
        }
        return metrics.text
    }

    private static func add(_ status: ConsoleStatus, to metrics: inout MetricsText) {
        let health = ConsoleHealth(status)
        metrics.add(
            "layover_status_up", .gauge,
            "1 when the status could be read; the other metrics are missing while it is 0.", 1)
        metrics.add("layover_ready", .gauge, "1 while mail is taken.", health.isReady ? 1 : 0)
        metrics.add(
            "layover_healthy", .gauge, "1 while mail is taken and nothing needs a person.", health.isHealthy ? 1 : 0)
        metrics.add("layover_info", .gauge, "The version; always 1.", [([("version", status.version)], 1)])
        metrics.add(
            "layover_start_time_seconds", .gauge, "When the process began, in seconds since 1970.",
            seconds(status.startedAt))
        metrics.add(
            "layover_ledger_readable", .gauge, "1 while the Ledger can be read.", status.ledger.figures == nil ? 0 : 1)
    }

    private static func add(_ receiver: ReceiverFigures, to metrics: inout MetricsText) {
        metrics.add("layover_receiver_running", .gauge, "1 while the receiver listens.", receiver.isRunning ? 1 : 0)
        metrics.add(
            "layover_spool_failed", .gauge, "1 when the spool takes no mail.", receiver.spoolFailure == nil ? 0 : 1)
        metrics.add("layover_receiver_sessions", .gauge, "SMTP sessions now.", Double(receiver.sessionsNow))
        let counts: [(String, String, Int)] = [
            ("sessions", "SMTP sessions since the start.", receiver.sessionsTotal),
            ("sessions_refused", "SMTP sessions refused because there were too many.", receiver.sessionsRefused),
            ("messages_accepted", "Messages answered with 250.", receiver.messagesAccepted),
            ("bytes_accepted", "Octets of the messages answered with 250.", receiver.bytesAccepted),
            ("messages_refused", "Messages answered with 4xx or 5xx.", receiver.messagesRefused),
            ("recipients_refused", "Recipients answered with 4xx or 5xx.", receiver.recipientsRefused),
        ]
        for (name, help, count) in counts {
            metrics.add("layover_receiver_\(name)_total", .counter, help, Double(count))
        }
    }

    private static func add(_ disk: DiskFigures, to metrics: inout MetricsText) {
        metrics.add(
            "layover_disk_free_bytes", .gauge, "Free octets on the spool's file system.", Double(disk.freeBytes))
        metrics.add("layover_disk_size_bytes", .gauge, "Size of the spool's file system.", Double(disk.totalBytes))
        metrics.add(
            "layover_disk_floor_bytes", .gauge, "Below so many free octets mail is deferred.", Double(disk.floorBytes))
        metrics.add(
            "layover_spool_free_bytes", .gauge, "Octets above the floor: what can still be taken.",
            Double(disk.roomBytes))
        metrics.add(
            "layover_spool_reserve_bytes", .gauge, "Size of the reserve file; 0 when it is released or there is none.",
            Double(disk.reservedBytes))
        if let growth = disk.growth {
            metrics.add(
                "layover_spool_bytes_per_second", .gauge, "Octets that the spool takes a second, on average.",
                [([("over", "hour")], growth.hourlyRate), ([("over", "day")], growth.dailyRate)])
            metrics.add(
                "layover_spool_seconds_left", .gauge,
                "Seconds until the floor is reached at the higher of the two rates; +Inf when nothing comes.",
                disk.secondsLeft.map(Double.init) ?? .infinity)
        }
        guard disk.totalInodes > 0 else { return }
        metrics.add(
            "layover_disk_free_inodes", .gauge, "Free inodes on the spool's file system.", Double(disk.freeInodes))
        metrics.add(
            "layover_disk_floor_inodes", .gauge, "Below so many free inodes mail is deferred.", Double(disk.floorInodes)
        )
    }

    private static func add(_ ledger: LedgerFigures, to metrics: inout MetricsText) {
        let deliveries = ledger.deliveries
        let states: [(String, Int)] = [
            ("held", deliveries.held &- deliveries.appending), ("appending", deliveries.appending),
            ("delivered", deliveries.delivered &- deliveries.verified), ("verified", deliveries.verified),
            ("merged", deliveries.merged),
            ("passed", deliveries.passed), ("handed_off", deliveries.handedOff), ("failed", deliveries.failed),
            ("dropped", deliveries.dropped),
        ]
        metrics.add(
            "layover_deliveries", .gauge, "Deliveries (message and recipient) in exactly this state.",
            states.map { ([("state", $0.0)], Double($0.1)) })
        metrics.add(
            "layover_deliveries_doubtful", .gauge, "Deliveries in any state that are doubtful.",
            Double(deliveries.doubtful))
        if let accepted = deliveries.accepted {
            metrics.add(
                "layover_deliveries_accepted", .gauge, "Deliveries counted from the spool itself.", Double(accepted))
            metrics.add(
                "layover_deliveries_balanced", .gauge, "1 while every accepted delivery is in one state.",
                deliveries.isBalanced == true ? 1 : 0)
        }
        metrics.add(
            "layover_held_bytes", .gauge, "Octets of the messages of held deliveries.", Double(ledger.heldBytes))
        metrics.add(
            "layover_held_without_mailbox", .gauge, "Held deliveries whose recipient has no mailbox.",
            Double(ledger.heldWithoutMailbox))
        if let oldest = ledger.oldestHeldAt {
            metrics.add(
                "layover_held_oldest_timestamp_seconds", .gauge,
                "When the oldest held message came, in seconds since 1970.", seconds(oldest))
        }
        metrics.add(
            "layover_ledger_lag_seconds", .gauge, "For how long the end of the spool is unread.",
            Double(ledger.lagSeconds))
        metrics.add(
            "layover_spool_damaged_places", .gauge, "Damaged places met in the spool.", Double(ledger.damagedPlaces))
        metrics.add(
            "layover_mailboxes", .gauge, "Mailboxes by where they stand.",
            MailboxFigures.Phase.allCases.map { phase in
                ([("state", phase.rawValue)], Double(ledger.mailboxes.count { $0.phase == phase }))
            })
        metrics.add(
            "layover_mailboxes_with_problem", .gauge, "Mailboxes with failed mail or an error.",
            Double(ledger.mailboxes.count(where: \.hasProblem)))
        metrics.add(
            "layover_waves", .gauge, "Waves by state.",
            [
                ([("state", "open")], Double(ledger.waves.count { !$0.isClosed })),
                ([("state", "closed")], Double(ledger.waves.count(where: \.isClosed))),
            ])
    }

    private static func add(_ replay: ReplayFigures, to metrics: inout MetricsText) {
        metrics.add("layover_replay_following", .gauge, "1 while replay follows.", replay.isFollowing ? 1 : 0)
        func each(_ value: (TargetFigures) -> Double) -> [(labels: [(String, String)], value: Double)] {
            replay.targets.map { ([("target", $0.name)], value($0)) }
        }
        metrics.add(
            "layover_target_connections", .gauge, "IMAP connections in use.", each { Double($0.connectionsInUse) })
        metrics.add(
            "layover_target_connections_ceiling", .gauge, "IMAP connections that there may be now.",
            each { Double($0.connectionCeiling) })
        metrics.add(
            "layover_target_messages_per_second", .gauge, "Messages delivered a second, lately.",
            each { $0.messagesPerSecond })
        metrics.add(
            "layover_target_failing", .gauge, "1 while the target's last answer was an error.",
            each { $0.lastError == nil ? 0 : 1 })
    }

    private static func seconds(_ time: Timestamp) -> Double { Double(time.milliseconds) / 1000 }
}
