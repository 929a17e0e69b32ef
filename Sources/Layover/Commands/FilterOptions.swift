import ArgumentParser
import Ledger
import MailModel

/// Which deliveries are meant.
struct FilterOptions: ParsableArguments {
    @Option(name: .long, help: "The recipient's address, or @domain.") var to: String?
    @Option(name: .long, help: "The envelope sender; <> for bounces.") var from: String?
    @Option(name: .long, help: "Received at or after this time (RFC 3339 or a date, UTC where no zone is given).")
    var since: String?
    @Option(name: .long, help: "Received before this time.") var until: String?
    @Option(name: .long, help: "A part of the subject.") var subject: String?
    @Option(
        name: .long,
        help: "held, appending, delivered, verified, merged, passed, handed_off, failed, dropped or doubtful.")
    var state: String?
    @Option(name: .long, help: "The Message-ID.") var messageId: String?
    @Option(name: .long, help: "Layover's id of the message.") var id: String?
    @Option(name: .long, help: "A mailbox, by address.") var mailbox: String?
    @Option(name: .long, help: "A wave; - for what is in none.") var wave: String?
    @Option(name: .long, help: "The recipient's domain.") var domain: String?
    @Option(name: .long, help: "Larger than this, such as 5MiB.") var larger: String?
    @Option(name: .long, help: "The client's IP address.") var client: String?

    func validate() throws {
        let filter = try filter()
        if let since = filter.since, let until = filter.until, since >= until {
            throw ValidationError(
                "--since \(since.rfc3339) is not before --until \(until.rfc3339): nothing can have come between them.")
        }
        if let to, !to.contains("@"), to.lowercased() != "postmaster" {
            throw ValidationError("--to \(to): write an address such as anna@example.com, or @example.com.")
        }
        if let client, !IPAddressText.isIPv4(client), !IPAddressText.isIPv6(client) {
            throw ValidationError("--client \(client) is no IP address: write one such as 192.0.2.1 or 2001:db8::1.")
        }
    }

    func filter() throws -> AuditFilter {
        var filter = AuditFilter()
        filter.to = to
        filter.from = from
        filter.since = try since.map { try Self.time($0, "--since") }
        filter.until = try until.map { try Self.time($0, "--until") }
        filter.subject = subject
        filter.state = try state.map { word in
            guard let state = AuditFilter.State(word: word) else {
                throw ValidationError("--state \(word): no such state; write held, delivered, verified, failed, …")
            }
            return state
        }
        filter.messageID = messageId
        filter.id = try id.map(Self.messageID)
        filter.mailbox = mailbox
        filter.wave = wave
        filter.domain = domain
        filter.larger = try larger.map { text in
            guard let size = ByteCount(text) else {
                throw ValidationError("--larger \(text): write a size such as 5MiB.")
            }
            return size
        }
        filter.client = client
        return filter
    }

    /// A time as people write it.
    static func time(_ text: String, _ option: String) throws -> Timestamp {
        guard let time = Timestamp(rfc3339: text) else {
            throw ValidationError("\(option) \(text): write a time such as 2026-11-27T20:00+01:00, or a date.")
        }
        return time
    }

    static func messageID(_ text: String) throws -> MessageID {
        guard let id = MessageID(text.lowercased()) else {
            throw ValidationError(
                "\(text) is no message id: it has 26 letters and digits, as in the 250 reply and X-Layover-Id.")
        }
        return id
    }
}
