import MailModel
import SMTPProtocol
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One `.dialogue` file, run line by line against a `ScriptedSession`. The form is told in `Dialogues/README.md`.
struct Dialogue: CustomTestStringConvertible, Sendable {
    let name: String
    let lines: [String]

    var testDescription: String { name }

    /// All files of the folder beside this source, in order.
    static let all: [Dialogue] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Dialogues")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".dialogue") }.sorted().compactMap { file in
            guard let text = try? String(contentsOf: folder.appending(path: file), encoding: .utf8) else { return nil }
            return Dialogue(
                name: file, lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
    }()

    func run() {
        var settings = DialogueSettings()
        var session: ScriptedSession?
        var pending: [UInt8] = []
        var messageLines: [String] = []
        for (index, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
            let place = "\(name):\(index + 1): \(line)"
            let mark = line.prefix(2)
            let rest = String(line.dropFirst(3))
            if mark == "M:" {
                messageLines.append(rest)
                continue
            }
            if mark == "C:" || mark == "C~" {
                pending += Self.octets(rest) + (mark == "C:" ? Array("\r\n".utf8) : [])
                continue
            }
            if mark == "! ", session == nil, settings.apply(String(line.dropFirst(2))) { continue }
            if session == nil { session = ScriptedSession(settings.configuration) }
            guard var current = session else { return }
            if mark == "! " {
                flush(&pending, into: &current)
                #expect(DialogueEvent.apply(String(line.dropFirst(2)), to: &current), "not understood: \(place)")
            } else if mark == "S:" {
                flush(&pending, into: &current)
                let actual = current.output.isEmpty ? "(nothing)" : current.output.removeFirst()
                #expect(Self.matches(actual, rest), "\(place)\nbut the server said: \(actual)")
            } else {
                Issue.record("not understood: \(place)")
            }
            session = current
        }
        guard var session else { return }
        flush(&pending, into: &session)
        #expect(session.output.isEmpty, "\(name): the server said more than expected")
        if !messageLines.isEmpty {
            let expected = messageLines.map { $0 + "\r\n" }.joined()
            #expect(session.messages.last.map { String(decoding: $0, as: UTF8.self) } == expected, "\(name)")
        }
    }

    private func flush(_ pending: inout [UInt8], into session: inout ScriptedSession) {
        if !pending.isEmpty { session.send(pending) }
        pending = []
    }

    /// The codes must be equal; the words behind them, if there are any, must each occur in the reply, in any case.
    static func matches(_ actual: String, _ expected: String) -> Bool {
        if actual == expected { return true }
        let code = expected.prefix(3)
        let isContinued = expected.dropFirst(3).first == "-"
        guard actual.hasPrefix(code), (actual.dropFirst(3).first == "-") == isContinued else { return false }
        return expected.dropFirst(4).split(separator: " ").allSatisfy {
            actual.dropFirst(4).lowercased().contains($0.lowercased())
        }
    }

    /// `\r \n \t \0 \\ \xNN` and `{500*x}` for 500 times `x`.
    static func octets(_ text: String) -> [UInt8] {
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "{"), let close = rest.firstIndex(of: UInt8(ascii: "}")),
                let star = rest[..<close].firstIndex(of: UInt8(ascii: "*")),
                let count = Int(String(decoding: rest[..<star], as: UTF8.self))
            {
                for _ in 0..<count { octets += rest[(star + 1)..<close] }
                rest = rest[(close + 1)...]
            } else if byte == UInt8(ascii: "\\"), let escape = rest.popFirst() {
                switch escape {
                case UInt8(ascii: "r"): octets.append(13)
                case UInt8(ascii: "n"): octets.append(10)
                case UInt8(ascii: "t"): octets.append(9)
                case UInt8(ascii: "0"): octets.append(0)
                case UInt8(ascii: "x"):
                    octets += Hexadecimal.decode(Array(rest.prefix(2))) ?? []
                    rest = rest.dropFirst(2)
                default: octets.append(escape)
                }
            } else {
                octets.append(byte)
            }
        }
        return octets
    }
}

@Suite("Dialogues")
struct DialogueTests {
    @Test("The server says what the dialogue file says", arguments: Dialogue.all)
    func dialogue(_ dialogue: Dialogue) {
        dialogue.run()
    }

    @Test("The dialogue files are found")
    func filesAreFound() {
        #expect(Dialogue.all.count >= 20)
    }
}
