import ArgumentParser
import Foundation
import Ledger

/// Which mailboxes are meant: `--mailbox A… | --mailboxes FILE | --wave W | --domain D | --all`, less `--except FILE`.
struct SelectionOptions: ParsableArguments {
    @Option(name: .long, parsing: .upToNextOption, help: "Mailboxes by address.")
    var mailbox: [String] = []

    @Option(name: .long, help: "A file with one address a line.")
    var mailboxes: String?

    @Option(name: .long, help: "A wave of the roster; - for what is in none.")
    var wave: String?

    @Option(name: .long, help: "Every mailbox of a domain.")
    var domain: String?

    @Flag(name: .long, help: "Every mailbox.")
    var all = false

    @Option(name: .long, help: "A file with addresses to leave out.")
    var except: String?

    func validate() throws {
        let ways = [!mailbox.isEmpty, mailboxes != nil, wave != nil, domain != nil, all].count { $0 }
        guard ways <= 1 else {
            throw ValidationError("Choose one of --mailbox, --mailboxes, --wave, --domain and --all.")
        }
    }

    /// Something was selected, if only by `--all`.
    var isGiven: Bool { !mailbox.isEmpty || mailboxes != nil || wave != nil || domain != nil || all }

    /// For verbs that must not mean everything by default.
    func requireGiven() throws {
        guard isGiven else {
            throw ValidationError("Say which mailboxes: --mailbox, --mailboxes, --wave, --domain or --all.")
        }
    }

    /// The options as they were given, for a command to be typed next; `…` where it must be chosen still.
    var words: String {
        let ways = [("--mailboxes", mailboxes), ("--wave", wave), ("--domain", domain)]
        var words = ways.compactMap { name, value in value.map { "\(name) \($0)" } }
        if !mailbox.isEmpty { words.append("--mailbox " + mailbox.joined(separator: " ")) }
        if all { words.append("--all") }
        if words.isEmpty { words.append("…") }
        if let except { words.append("--except \(except)") }
        return words.joined(separator: " ")
    }

    func selection() throws -> MailboxSelection {
        MailboxSelection(
            mailboxes: try mailbox + (mailboxes.map(Self.addresses) ?? []), wave: wave, domain: domain, isAll: all,
            except: try except.map(Self.addresses) ?? [])
    }

    /// One address a line; empty lines and those that begin with `#` are passed over.
    private static func addresses(in file: String) throws -> [String] {
        let bytes = try InputFile.read(file, as: "a file with one address a line")
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError(.badData, "\(file): it is no UTF-8 text; give a file with one address a line")
        }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        let addresses = lines.filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard !addresses.isEmpty else { throw CommandError(.badData, "\(file): no address in it") }
        return addresses
    }
}
