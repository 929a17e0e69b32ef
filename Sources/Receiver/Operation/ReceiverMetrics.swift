import Spool

/// The receiver's figures in Prometheus' text format 0.0.4. No label holds an address.
struct ReceiverMetrics {
    let statistics: ReceiverStatistics.Snapshot
    let commits: CommitStatistics
    let progress: WriterProgress
    let freeSpace: FreeSpace
    let reservedBytes: Int
    let bodyBytes: Int
    let isTakingMail: Bool
    let spoolHasFailed: Bool
    /// Slow sessions make room for good ones.
    let isUnderStress: Bool
    /// Unknown recipients of refused mail: names listed, and attempts for others.
    let refused: (listed: Int, unlisted: Int)
    /// Nil where STARTTLS is not offered.
    let certificateSecondsLeft: Int?
    let droppedLogLines: Int

    var text: String {
        var page = MetricsLines()
        sessions(&page)
        messages(&page)
        refusals(&page)
        writer(&page)
        disk(&page)
        page.counter(
            "log_lines_dropped_total", "Log lines dropped because the log could not keep up.", droppedLogLines)
        return page.text
    }

    private func sessions(_ page: inout MetricsLines) {
        page.gauge("receiver_running", "1 while the receiver listens.", isTakingMail ? 1 : 0)
        page.gauge("receiver_sessions", "SMTP sessions now.", statistics.sessionsNow)
        page.gauge("receiver_stress", "1 while slow sessions make room for good ones.", isUnderStress ? 1 : 0)
        page.counter("receiver_sessions_total", "SMTP sessions since the start.", statistics.sessionsTotal)
        page.counter("receiver_sessions_refused_total", "SMTP sessions refused by a limit.", statistics.sessionsRefused)
        page.counters(
            "receiver_tls_handshakes_total", "Completed STARTTLS handshakes.", label: "version",
            statistics.tlsVersions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        page.counters(
            "receiver_dns_unasked_total",
            "Questions to the DNS that were not asked since too many waited; blocklists then list nobody.",
            label: "for",
            statistics.unaskedQuestions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        page.counter("receiver_tls_failures_total", "TLS handshakes and sessions that failed.", statistics.tlsFailures)
        if let left = certificateSecondsLeft {
            page.gauge("receiver_certificate_expiry_seconds", "Until the certificate ends; negative once it has.", left)
            page.gauge("receiver_certificate_days_left", "Whole days until the certificate ends.", left / 86_400)
        }
    }

    private func messages(_ page: inout MetricsLines) {
        page.counter("receiver_messages_accepted_total", "Messages answered with 250.", statistics.messagesAccepted)
        page.counter(
            "receiver_bytes_accepted_total", "Octets of the messages answered with 250.", statistics.bytesAccepted)
        page.counter(
            "receiver_messages_refused_total", "Messages answered with 4xx or 5xx.", statistics.messagesRefused)
        page.counter(
            "receiver_recipients_refused_total", "Recipients answered with 4xx or 5xx.", statistics.recipientsRefused)
        page.gauge(
            "receiver_unknown_recipients", "Unknown recipients of refused mail that `roster coverage` lists.",
            refused.listed)
        page.counter(
            "receiver_unknown_recipients_unlisted_total",
            "Refused attempts for unknown recipients beyond those listed, also before the start.", refused.unlisted)
        page.counter(
            "receiver_bytes_discarded_total", "Octets of messages that were read and not taken.",
            statistics.bytesDiscarded)
        page.gauge("receiver_body_bytes", "Memory of bodies in flight.", bodyBytes)
    }

    private func refusals(_ page: inout MetricsLines) {
        let byCode = statistics.refusals.sorted { $0.key < $1.key }
        for name in ["4", "5"] {
            let count = byCode.filter { "\($0.key)".hasPrefix(name) }.reduce(0) { $0 + $1.value }
            page.counters(
                "receiver_refusals_by_class_total", "Replies 4xx and 5xx.", label: "class", [("\(name)xx", count)])
        }
        page.counters(
            "receiver_refusals_total", "Replies 4xx and 5xx by their code.", label: "code",
            byCode.map { ("\($0.key)", $0.value) })
        page.counters(
            "receiver_limit_hits_total",
            "How often each limit was reached, by its name in the log and the configuration.", label: "limit",
            statistics.limits.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    private func writer(_ page: inout MetricsLines) {
        page.gauge("spool_failed", "1 when the spool takes no mail.", spoolHasFailed ? 1 : 0)
        page.gauge("spool_queue_messages", "Messages that wait for the writer.", progress.waiting)
        page.counter("spool_commits_total", "Group commits.", commits.groups)
        page.counter("spool_commit_messages_total", "Messages in group commits that succeeded.", commits.messages)
        page.counter("spool_commit_refused_total", "Messages in group commits that failed.", commits.refused)
        let busy = progress.busySince.map { (ContinuousClock.now - $0) / .milliseconds(1) } ?? 0
        page.gauge("spool_commit_busy_milliseconds", "How long the writer is at the commit in its hands.", Int(busy))
        page.histogram(
            "spool_commit_seconds", "How long group commits take, from being taken to being synced.", commits.latency)
    }

    private func disk(_ page: inout MetricsLines) {
        page.gauge("disk_free_bytes", "Free octets on the spool's file system.", freeSpace.freeBytes)
        page.gauge("disk_size_bytes", "Size of the spool's file system.", freeSpace.totalBytes)
        page.gauge("disk_free_inodes", "Free inodes on the spool's file system.", freeSpace.freeInodes)
        page.gauge("disk_reserved_bytes", "Octets promised to messages in flight.", reservedBytes)
    }
}

/// Lines of the text format; every name gets `layover_` in front, and its help and type once.
struct MetricsLines {
    private(set) var text = ""
    private var described: Set<String> = []

    mutating func gauge(_ name: String, _ help: String, _ value: Int) {
        describe(name, "gauge", help)
        text += "layover_\(name) \(value)\n"
    }

    mutating func counter(_ name: String, _ help: String, _ value: Int) {
        describe(name, "counter", help)
        text += "layover_\(name) \(value)\n"
    }

    /// The label values are our own words; nothing in them needs escaping.
    mutating func counters(_ name: String, _ help: String, label: String, _ values: [(String, Int)]) {
        guard !values.isEmpty else { return }
        describe(name, "counter", help)
        for (word, value) in values { text += "layover_\(name){\(label)=\"\(word)\"} \(value)\n" }
    }

    mutating func histogram(_ name: String, _ help: String, _ latency: CommitLatency) {
        describe(name, "histogram", help)
        var sum = 0
        for (bound, count) in zip(CommitLatency.boundsMicroseconds, latency.counts) {
            sum += count
            text += "layover_\(name)_bucket{le=\"\(Self.seconds(bound))\"} \(sum)\n"
        }
        sum += latency.counts.last ?? 0
        text += "layover_\(name)_bucket{le=\"+Inf\"} \(sum)\n"
        text += "layover_\(name)_sum \(Self.seconds(latency.totalMicroseconds))\n"
        text += "layover_\(name)_count \(sum)\n"
    }

    private static func seconds(_ microseconds: Int) -> String { "\(Double(microseconds) / 1_000_000)" }

    private mutating func describe(_ name: String, _ type: String, _ help: String) {
        guard described.insert(name).inserted else { return }
        text += "# HELP layover_\(name) \(help)\n# TYPE layover_\(name) \(type)\n"
    }
}
