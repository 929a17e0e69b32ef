import MailModel
import Testing

@testable import Ledger

@Suite("Roster files")
struct RosterFileTests {
    private func parse(_ text: String) throws -> [RosterRow] {
        try RosterFile(Array(text.utf8), name: "r.csv", targets: ["ox", "zimbra"]).rows
    }

    private func mistake(_ bytes: [UInt8]) -> String {
        do {
            _ = try RosterFile(bytes, name: "r.csv", targets: ["ox", "zimbra"])
            return ""
        } catch let error as LedgerError {
            #expect(error.code == .roster && error.isBadData)
            return error.message
        } catch {
            return "\(error)"
        }
    }

    @Test(
        "columns come in any order, with commas or semicolons, quotes, and any line end",
        arguments: [
            "mailbox,login,target,wave,aliases\nanna@example.com,anna,ox,1,a@example.com @catch.example\n",
            "WAVE;Target;aliases;mailbox;login\r\n1;ox;a@example.com @catch.example;anna@example.com;anna",
            "mailbox,login,target,wave,aliases\r\"anna@example.com\" , \"anna\",ox,\"1\",\"a@example.com\n@catch.example\"\r\r",
            "\n\nmailbox,login,target,wave,aliases,,\n,,,,\nanna@example.com,anna,ox,1,a@example.com @catch.example,,\n",
        ])
    func forms(text: String) throws {
        let row = try #require(try parse(text).first)
        #expect(row.address == "anna@example.com" && row.login == "anna" && row.target == "ox" && row.wave == "1")
        #expect(row.aliases == ["a@example.com", "@catch.example"])
        #expect(row.kind == nil && row.folder == nil && row.id == nil)
    }

    @Test("login defaults to the mailbox, folder to INBOX, type to user; quotes are doubled")
    func defaults() throws {
        let rows = try parse(
            "mailbox,target,folder,type,login\na@example.com,ox,,,\nb@example.com,ox,\"a \"\"b\"\", c\",Shared,l\n")
        #expect(
            rows[0].login == "a@example.com" && rows[0].folder == "INBOX" && rows[0].kind == .user
                && rows[0].wave == nil)
        #expect(rows[1].folder == "a \"b\", c" && rows[1].kind == .shared && rows[1].line == 3)
    }

    @Test("Addresses stand as the receiver writes them: dots anywhere, quotes only where they are needed")
    func odd() throws {
        let rows = try parse(
            "mailbox,target,aliases\na..b@example.com,ox,.c@example.com d.@example.com\n\"\"\"e..f\"\"@example.com\",ox,\n"
        )
        #expect(rows.map(\.address) == ["a..b@example.com", "e..f@example.com"])
        #expect(rows[0].aliases == [".c@example.com", "d.@example.com"])
    }

    @Test("UTF-8 with and without mark and Windows-1252 are told apart")
    func encodings() throws {
        let head = Array("mailbox,target,folder\na@example.com,ox,".utf8)
        let utf8 = try RosterFile(head + Array("Büro".utf8), name: "r", targets: ["ox"])
        #expect(utf8.encoding == .utf8 && utf8.rows[0].folder == "Büro")
        let marked = try RosterFile([0xef, 0xbb, 0xbf] + head + Array("Büro".utf8), name: "r", targets: ["ox"])
        #expect(marked.encoding == .utf8WithMark && marked.rows[0].folder == "Büro")
        let windows = try RosterFile(head + [0x42, 0xfc, 0x72, 0x6f, 0x80], name: "r", targets: ["ox"])
        #expect(windows.encoding == .windows1252 && windows.rows[0].folder == "Büro€")
    }

    static let mistakes: [(String, [String])] = [
        ("", ["r.csv", "empty"]),
        ("mailbox,login\na@example.com,a", ["r.csv:1", "target", "missing"]),
        ("mailbox,target,colour\n", ["r.csv:1", "colour", "is no column"]),
        ("mailbox,target,target\n", ["r.csv:1", "twice"]),
        ("mailbox,target\na@example.com,exchange", ["r.csv:2", "target", "exchange", "ox, zimbra"]),
        ("mailbox,target\na@example.com,", ["r.csv:2", "target", "empty"]),
        ("mailbox,target\nanna,ox", ["r.csv:2", "mailbox", "no address"]),
        ("mailbox,target\n@example.com,ox", ["r.csv:2", "catch-all", "aliases"]),
        ("mailbox,target\n,ox", ["r.csv:2", "mailbox", "is empty"]),
        ("mailbox,target,aliases\na@x.de,ox,b@x.de nonsense", ["r.csv:2", "aliases", "nonsense"]),
        ("mailbox,target\na@x.de,ox\n\nA@X.DE,ox", ["r.csv:4", "a@x.de is claimed in line 2"]),
        ("mailbox,target,aliases\na@x.de,ox,c@x.de\nb@x.de,ox,C@x.de", ["r.csv:3", "aliases", "claimed in line 2"]),
        ("mailbox,target,login\na@x.de,ox,l\nb@x.de,ox,l", ["r.csv:3", "login", "line 2"]),
        ("mailbox,target,id\na@x.de,ox,1\nb@x.de,ox,1", ["r.csv:3", "id", "line 2"]),
        ("mailbox,target,type\na@x.de,ox,robot", ["r.csv:2", "type", "robot"]),
        ("mailbox,target\na@x.de,ox,extra", ["r.csv:2", "3 fields"]),
        ("mailbox,target\n\"a@x.de,ox\n", ["r.csv:2", "never closed"]),
        ("mailbox,target\n\"a@x.de\"b,ox\n", ["r.csv:2", "closing quote"]),
    ]

    @Test("a mistake names file, line, column and remedy", arguments: mistakes)
    func eachMistake(text: String, expected: [String]) {
        let message = mistake(Array(text.utf8))
        for part in expected { #expect(message.contains(part), "\(message)") }
    }

    @Test("all mistakes are listed at once, up to a limit")
    func manyMistakes() {
        let rows = (0..<50).map { "bad\($0),ox\n" }.joined()
        let message = mistake(Array("mailbox,target\n\(rows)".utf8))
        #expect(message.split(separator: "\n").count == 21)
        #expect(message.contains("and 30 more"))
    }

    @Test("random bytes are a roster or a mistake, never a crash")
    func randomBytes() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("mailbox,target\n\r\";a@b.c \t".utf8) + [0xff, 0]
        for _ in 0..<1_000 {
            let bytes = (0..<Int.random(in: 0...80, using: &generator)).compactMap { _ in
                alphabet.randomElement(using: &generator)
            }
            _ = mistake(Array("mailbox,target\n".utf8) + bytes)
        }
    }
}
