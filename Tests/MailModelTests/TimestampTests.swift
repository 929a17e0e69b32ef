import MailModel
import Testing

@Suite("Timestamps")
struct TimestampTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let milliseconds: Int64
        let rfc3339: String
        let rfc5322: String
        let imap: String
        var testDescription: String { rfc3339 }
    }

    static let rows = [
        Row(
            milliseconds: 0, rfc3339: "1970-01-01T00:00:00.000Z", rfc5322: "Thu, 1 Jan 1970 00:00:00 +0000",
            imap: " 1-Jan-1970 00:00:00 +0000"),
        Row(
            milliseconds: -1, rfc3339: "1969-12-31T23:59:59.999Z", rfc5322: "Wed, 31 Dec 1969 23:59:59 +0000",
            imap: "31-Dec-1969 23:59:59 +0000"),
        Row(
            milliseconds: 951_782_400_000, rfc3339: "2000-02-29T00:00:00.000Z",
            rfc5322: "Tue, 29 Feb 2000 00:00:00 +0000", imap: "29-Feb-2000 00:00:00 +0000"),
        Row(
            milliseconds: 951_868_799_999, rfc3339: "2000-02-29T23:59:59.999Z",
            rfc5322: "Tue, 29 Feb 2000 23:59:59 +0000", imap: "29-Feb-2000 23:59:59 +0000"),
        Row(
            milliseconds: 1_709_210_096_789, rfc3339: "2024-02-29T12:34:56.789Z",
            rfc5322: "Thu, 29 Feb 2024 12:34:56 +0000", imap: "29-Feb-2024 12:34:56 +0000"),
        Row(
            milliseconds: 1_772_323_199_000, rfc3339: "2026-02-28T23:59:59.000Z",
            rfc5322: "Sat, 28 Feb 2026 23:59:59 +0000", imap: "28-Feb-2026 23:59:59 +0000"),
        Row(
            milliseconds: 1_772_323_200_000, rfc3339: "2026-03-01T00:00:00.000Z",
            rfc5322: "Sun, 1 Mar 2026 00:00:00 +0000", imap: " 1-Mar-2026 00:00:00 +0000"),
        Row(
            milliseconds: 1_795_255_200_123, rfc3339: "2026-11-21T10:00:00.123Z",
            rfc5322: "Sat, 21 Nov 2026 10:00:00 +0000", imap: "21-Nov-2026 10:00:00 +0000"),
        Row(
            milliseconds: 4_107_542_399_000, rfc3339: "2100-02-28T23:59:59.000Z",
            rfc5322: "Sun, 28 Feb 2100 23:59:59 +0000", imap: "28-Feb-2100 23:59:59 +0000"),
        Row(
            milliseconds: 4_107_542_400_000, rfc3339: "2100-03-01T00:00:00.000Z",
            rfc5322: "Mon, 1 Mar 2100 00:00:00 +0000", imap: " 1-Mar-2100 00:00:00 +0000"),
        Row(
            milliseconds: 253_402_300_799_999, rfc3339: "9999-12-31T23:59:59.999Z",
            rfc5322: "Fri, 31 Dec 9999 23:59:59 +0000", imap: "31-Dec-9999 23:59:59 +0000"),
    ]

    @Test("A moment has these forms", arguments: rows)
    func forms(row: Row) {
        let time = Timestamp(milliseconds: row.milliseconds)
        #expect(time.rfc3339 == row.rfc3339)
        #expect(time.rfc5322 == row.rfc5322)
        #expect(time.imapDateTime == row.imap)
        #expect(Timestamp(rfc3339: row.rfc3339) == time)
    }

    @Test("Every day of a century and more survives its text")
    func everyDay() {
        for day in stride(from: -1_000 as Int64, to: 48_000, by: 1) {
            let time = Timestamp(seconds: day * 86_400)
            guard Timestamp(rfc3339: time.rfc3339) == time else {
                Issue.record("\(time.rfc3339) does not come back")
                return
            }
        }
    }

    static let readable: [(String, Int64)] = [
        ("2026-11-27", 1_795_737_600_000), ("2026-11-27T20:00", 1_795_809_600_000),
        ("2026-11-27T20:00:30", 1_795_809_630_000),
        ("2026-11-27T20:00+01:00", 1_795_806_000_000), ("2026-11-27 20:00:00.5-0230", 1_795_818_600_500),
        ("2026-11-27t20:00:00.123456789z", 1_795_809_600_123), ("2026-12-31T23:59:60Z", 1_798_761_600_000),
        ("2024-02-29", 1_709_164_800_000), ("0001-01-01", -62_135_596_800_000), ("0000-01-01", -62_167_219_200_000),
    ]

    @Test("RFC 3339 is read with what people leave out", arguments: readable)
    func parses(text: String, milliseconds: Int64) { #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds) }

    @Test(
        "What is no time is refused",
        arguments: [
            "", "2026", "2026-11", "2026-1-27", "26-11-27", "2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32",
            "2026-02-29",
            "2026-02-30", "2100-02-29", "2026-04-31", "2026-11-27T", "2026-11-27T24:00", "2026-11-27T20",
            "2026-11-27T20:60",
            "2026-11-27T20:00:61", "2026-11-27T20:00:00.", "2026-11-27T20:00:00.Z", "2026-11-27T20:00+1",
            "2026-11-27T20:00+24:00",
            "2026-11-27T20:00+01:60", "2026-11-27T20:00Zx", "2026-11-27 ", " 2026-11-27", "2026-11-27x", "２026-11-27",
            "+026-11-27",
        ])
    func refuses(text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    @Test(
        "No number of milliseconds or seconds traps",
        arguments: [Int64.min, .max, 1_125_899_906_842_624, -1_125_899_906_842_624, 0])
    func extremes(number: Int64) {
        #expect(!Timestamp(milliseconds: number).rfc3339.isEmpty)
        #expect(!Timestamp(seconds: number).rfc5322.isEmpty)
        #expect(!Timestamp(milliseconds: number).adding(milliseconds: number).imapDateTime.isEmpty)
    }
}
