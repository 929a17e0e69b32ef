import MailModel
import Testing

@testable import Console

@Suite("The page")
struct StatusPageTests {
    @Test("A healthy page says so first, then the figures, mailboxes and waves, in this order")
    func order() throws {
        let page = try StatusPage().render(SampleStatus.healthy)
        let marks = [
            "verdict healthy", "All is well.", "all 57,353 deliveries are accounted for", "id=\"mail\"", "18,002",
            "1.5 GiB, the oldest for 3 d 2 h",
            "57,353 accepted = 39,211 delivered + 140 merged", "Receiving", "310 GiB of 500 GiB, 62 %",
            "412.7 messages a second", "up to date",
            "id=\"mailboxes\"", "1 replaying, 1 paused, 1 holding, 1 live", "id=\"waves\"", "371 of 1,000",
            "id=\"targets\"", "5 of 8",
            "Layover 0.1.0 · running for 3 d 4 h",
        ]
        var rest = page[...]
        for mark in marks {
            let range = try #require(rest.firstRange(of: mark), "\(mark) is missing or out of order")
            rest = rest[range.upperBound...]
        }
    }

    @Test("Mailboxes with problems come first, then doubts, work, pauses, the waiting and the live")
    func sorting() throws {
        let names = ["live", "holding", "paused", "replaying", "doubt", "failed", "error"]
        var mailboxes = zip(
            names, [.live, .holding, .paused, .replaying, .live, .live, .live] as [MailboxFigures.Phase]
        ).map {
            MailboxFigures(address: $0, target: "ox", phase: $1, state: $1.rawValue)
        }
        mailboxes[4].doubtful = 1
        mailboxes[5].failed = 1
        mailboxes[6].lastError = "NO"
        #expect(
            MailboxTableView(mailboxes).rows.map(\.address) == [
                "error", "failed", "doubt", "replaying", "paused", "holding", "live",
            ])
    }

    @Test("A long roster is cut and says so; a problem beyond the cut is still shown")
    func manyMailboxes() throws {
        var mailboxes = (0..<1_000).map {
            MailboxFigures(address: "user\(1_000 + $0)@example.com", target: "ox", phase: .live, state: "live")
        }
        mailboxes[999].failed = 1
        let table = MailboxTableView(mailboxes)
        #expect(table.rows.count == ConsoleLimits.mailboxRows)
        #expect(table.rows.first?.address == "user1999@example.com")
        #expect(table.more == "and 800 more: “layover roster list” has them all")
        #expect(table.summary == "1 with a problem, 1,000 live")
    }

    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
        "</td></table><form action=//evil>",
        "\"\u{301}><script\u{301}>", "&lt;b&gt;", "{{{verdict.title}}}", "{{#tiles}}{{/tiles}}", "\u{202E}gpj.exe",
        "a\u{0}b\u{1B}[2Jc\r\nd",
        "\u{2066}x\u{2069}\u{200B}\u{FEFF}\u{E0041}", "<\u{FE0F}svg/onload=alert(1)>", "javascript:alert(1)", "<!--",
        "]]>", "\u{85}\u{2028}",
    ]

    @Test(
        "Nothing that others write becomes markup, a control or an invisible character, wherever it stands",
        arguments: hostile)
    func escaping(text: String) throws {
        let status = SampleStatus.changed { status in
            status.hostname = text
            status.version = text
            status.notices = [text]
            status.receiver?.spoolFailure = text
            status.replay = ReplayFigures(
                isFollowing: true,
                targets: [TargetFigures(name: text, connectionsInUse: 0, connectionCeiling: 1, lastError: text)])
            var ledger = SampleStatus.ledger
            ledger.mailboxes = [
                MailboxFigures(
                    address: text, target: text, wave: text, phase: .holding, state: text, failed: 1, lastError: text)
            ]
            ledger.waves = [WaveFigures(name: text, isClosed: false, mailboxes: 1, cutOver: 0)]
            status.ledger = .readable(ledger)
        }
        let plain = SampleStatus.changed { status in
            status = ConsoleStatus(
                takenAt: status.takenAt, startedAt: status.startedAt, hostname: "x", version: "x", notices: ["x"],
                receiver: status.receiver, disk: status.disk,
                replay: ReplayFigures(
                    isFollowing: true,
                    targets: [TargetFigures(name: "x", connectionsInUse: 0, connectionCeiling: 1, lastError: "x")]),
                ledger: status.ledger)
            status.receiver?.spoolFailure = "x"
            var ledger = SampleStatus.ledger
            ledger.mailboxes = [
                MailboxFigures(
                    address: "x", target: "x", wave: "x", phase: .holding, state: "x", failed: 1, lastError: "x")
            ]
            ledger.waves = [WaveFigures(name: "x", isClosed: false, mailboxes: 1, cutOver: 0)]
            status.ledger = .readable(ledger)
        }
        let page = try StatusPage().render(status)
        // The same tags and attributes as with a harmless text: scalar by scalar, as a browser reads.
        for mark in ["<", ">", "\"", "'"] as [Unicode.Scalar] {
            let expected = try StatusPage().render(plain).unicodeScalars.count { $0 == mark }
            #expect(page.unicodeScalars.count { $0 == mark } == expected, "\(mark) of \(text.debugDescription)")
        }
        #expect(page.unicodeScalars.allSatisfy { $0 == "\n" || VisibleText.isVisible($0) })
    }

    @Test("Invisible characters are spelled out, and long text is cut")
    func visible() {
        #expect(VisibleText.line("\u{202E}a\u{0}\n") == "⟨U+202E⟩a⟨U+0000⟩⟨U+000A⟩")
        #expect(VisibleText.line("\u{E0041}") == "⟨U+E0041⟩")
        #expect(VisibleText.line("Zoë 張三 مرحبا 🎉") == "Zoë 張三 مرحبا 🎉")
        #expect(VisibleText.lines("a\nb\rc") == "a\nb⟨U+000D⟩c")
        #expect(
            VisibleText.line(String(repeating: "e\u{301}", count: 500)).unicodeScalars.count == ConsoleLimits
                .textScalars + 1)
    }

    @Test("The page loads itself again, unless it is asked to keep still")
    func refresh() throws {
        #expect(try StatusPage().render(SampleStatus.healthy).contains("<meta http-equiv=\"refresh\" content=\"5\">"))
        #expect(!(try StatusPage().render(SampleStatus.healthy, isStill: true).contains("http-equiv")))
    }

    @Test("No script, inline style or foreign address is in the page")
    func clean() throws {
        let page = try StatusPage().render(SampleStatus.troubled)
        for word in ["<script", "style=", "http://", "https://", "<form", "<iframe", "onclick"] {
            #expect(!page.contains(word), "\(word)")
        }
    }

    @Test("A Ledger that cannot be read leaves its figures out and says so")
    func noLedger() throws {
        let page = try StatusPage().render(SampleStatus.changed { $0.ledger = .unreadable("run `layover reindex`") })
        #expect(page.contains("Mail is taken, but a person is needed."))
        #expect(page.contains("cannot be read"))
        #expect(!page.contains("id=\"mail\"") && !page.contains("id=\"mailboxes\""))
    }

    @Test("Where nobody counted the spool, nothing is said to balance")
    func uncounted() throws {
        let page = try StatusPage().render(SampleStatus.changedLedger { $0.deliveries.accepted = nil })
        #expect(page.contains("nothing needs a person") && page.contains("57,353 deliveries = 39,211 delivered"))
        #expect(!page.contains("accounted for") && !page.contains("57,353 accepted"))
    }

    @Test("An empty roster says what to do")
    func emptyRoster() throws {
        let page = try StatusPage().render(SampleStatus.changedLedger { ($0.mailboxes, $0.waves) = ([], []) })
        #expect(page.contains("layover roster import"))
        #expect(!page.contains("id=\"waves\""))
    }

    @Test(
        "Figures read well",
        arguments: [
            (0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (-1_000, "−1,000"),
            (Int.min, "−9,223,372,036,854,775,808"),
        ])
    func numbers(value: Int, text: String) { #expect(FigureText.number(value) == text) }

    @Test(
        "Times are as coarse as they are long",
        arguments: [
            (0, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (3_600, "1 h 0 min"), (86_400, "1 d 0 h"),
            (-5, "0 s"),
        ] as [(Int64, String)])
    func times(seconds: Int64, text: String) {
        #expect(
            FigureText.time(from: SampleStatus.now, to: SampleStatus.now.adding(milliseconds: seconds * 1000)) == text)
    }

    @Test(
        "Per cent is 100 only of the whole",
        arguments: [
            (0, 10, 0), (999_999, 1_000_000, 99), (10, 10, 100), (Int.max, Int.max, 100), (0, 0, 100), (-1, 5, 0),
        ])
    func percents(part: Int, whole: Int, percent: Int) { #expect(FigureText.percent(part, of: whole) == percent) }

    @Test(
        "A rate that is no number is a dash",
        arguments: [(12.34, "12.3"), (0, "0.0"), (.nan, "–"), (.infinity, "–"), (1_234.96, "1,235.0")])
    func rates(value: Double, text: String) { #expect(FigureText.rate(value) == text) }
}
