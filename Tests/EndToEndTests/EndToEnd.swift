import Foundation
import TestKit
import Testing

/// The real binary over real sockets against the real Dovecot. One test at a time: each has processes of its own.
@Suite(.serialized, .enabled(if: ThrowawayDovecot.isAvailable, "needs root and /usr/sbin/dovecot (dovecot-imapd)"))
struct EndToEnd {
    static func expect(_ result: CommandResult, status: Int32, _ location: SourceLocation = #_sourceLocation) {
        #expect(result.status == status, "\(result)", sourceLocation: location)
    }

    /// Seconds since 1970 of an IMAP date-time (RFC 9051 §9), such as `21-Nov-2026 10:00:00 +0000`.
    static func seconds(internalDate text: String) throws -> Int {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "d-MMM-yyyy HH:mm:ss Z"
        return Int(try #require(format.date(from: text), "not a date: \(text)").timeIntervalSince1970)
    }

    static func seconds(rfc3339 text: String) throws -> Int {
        let format = ISO8601DateFormatter()
        let whole = text.replacing(/\.[0-9]+/, with: "")
        #expect(text.hasSuffix("Z"))
        return Int(try #require(format.date(from: whole), "not a date: \(text)").timeIntervalSince1970)
    }
}
