import Foundation
import NIOCore
import Synchronization

extension ZimbraConnection {
    func fetch(_ request: ZimbraRequest, _ account: String, _ context: ChannelHandlerContext) {
        guard let selected, let folder = folder(selected, account), request.arguments.count > 1 else {
            return refuse(request.tag, "NO must be in SELECTED state", context)
        }
        let items = request.arguments[1].words.isEmpty ? [request.arguments[1].text ?? ""] : request.arguments[1].words
        let wanted = Self.uids(request.arguments[0].text ?? "", in: folder)
        if request.arguments.dropFirst(2).contains(where: { $0.words.contains("VANISHED") }) {
            tellVanished(request.arguments[0].text ?? "", folder, context)
        }
        for (index, message) in folder.messages.enumerated() where wanted.contains(message.uid) {
            var line = Array("* \(index + 1) FETCH (".utf8)
            let isBroken = server.settings.failsToFetch?(message.bytes) ?? false
            // It has written UID and size when it comes to the part that it cannot load, and ends the answer there (zm-mailbox,
            // ImapHandler.fetch).
            let asked = (items.contains("UID") ? [] : ["UID"]) + items
            let parts = isBroken ? asked.filter { $0 == "UID" || $0 == "RFC822.SIZE" } : asked
            for (number, item) in parts.enumerated() {
                if number > 0 { line.append(UInt8(ascii: " ")) }
                line += Self.value(of: item.uppercased(), message)
            }
            context.write(NIOAny(ByteBuffer(bytes: line + Array(")\r\n".utf8))), promise: nil)
        }
        accept(request.tag, "FETCH completed", context)
    }

    /// QRESYNC names every UID of the set that has no message, whether there ever was one or not: it says nothing (imap-targets §4).
    private func tellVanished(_ set: String, _ folder: ZimbraStore.Folder, _ context: ChannelHandlerContext) {
        let there = Set(folder.messages.filter { !$0.isRemoved }.map(\.uid))
        let missing = set.split(separator: ",").flatMap { range -> [UInt32] in
            let ends = range.split(separator: ":").compactMap { UInt32($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return [] }
            return (first...min(last, folder.uidNext)).filter { $0 < folder.uidNext && !there.contains($0) }
        }
        guard !missing.isEmpty else { return }
        say("* VANISHED (EARLIER) \(missing.map(String.init).joined(separator: ","))", context)
    }

    /// The octets are those that were stored; a message that somebody removed meanwhile is a stub (`fetchStub`).
    private static func value(of item: String, _ message: ZimbraStore.Message) -> [UInt8] {
        let bytes = message.isRemoved ? [] : message.bytes
        switch item {
        case "UID": return Array("UID \(message.uid)".utf8)
        case "RFC822.SIZE": return Array("RFC822.SIZE \(bytes.count)".utf8)
        case "FLAGS": return Array("FLAGS (\(message.flags.joined(separator: " ")))".utf8)
        case "INTERNALDATE":
            return Array("INTERNALDATE \"\(date(message.isRemoved ? 0 : message.date))\"".utf8)
        case "BODY[]", "BODY.PEEK[]":
            return bytes.isEmpty ? Array("BODY[] \"\"".utf8) : Array("BODY[] {\(bytes.count)}\r\n".utf8) + bytes
        default:
            guard item.hasPrefix("BODY.PEEK[HEADER.FIELDS ("), let open = item.firstIndex(of: "(") else {
                return Array("\(item) NIL".utf8)
            }
            let names = item[open...].dropFirst().prefix { $0 != ")" }.split(separator: " ").map(String.init)
            let head = header(bytes, names)
            return Array("BODY[HEADER.FIELDS (\(names.joined(separator: " ")))] {\(head.count)}\r\n".utf8) + head
        }
    }

    /// Rebuilt from parsed lines with CRLF, whatever the stored line ends are (imap-targets 1.2).
    private static func header(_ bytes: [UInt8], _ names: [String]) -> [UInt8] {
        var found: [UInt8] = []
        var isWanted = false
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard let first = line.first else { break }
            if first != UInt8(ascii: " "), first != UInt8(ascii: "\t") {
                let name = String(decoding: line.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self).uppercased()
                isWanted = names.contains(name)
            }
            if isWanted { found += Array(line) + [13, 10] }
        }
        return found + [13, 10]
    }

    private static func date(_ seconds: Int64) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "dd-MMM-yyyy HH:mm:ss Z"
        return formatter.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
    }

    /// The UIDs of a set; `n:*` always has the last message in it.
    static func uids(_ set: String, in folder: ZimbraStore.Folder) -> Set<UInt32> {
        var found: Set<UInt32> = []
        let last = folder.messages.last?.uid ?? 0
        for range in set.split(separator: ",") {
            let ends = range.split(separator: ":").map { $0 == "*" ? last : UInt32($0) ?? 0 }
            guard let first = ends.first, let end = ends.last else { continue }
            found.formUnion(folder.messages.map(\.uid).filter { $0 >= min(first, end) && $0 <= max(first, end) })
        }
        return found
    }

    /// HEADER looks for words that begin so, and only in what the index has (imap/ImapSearch.java): no oracle for anything.
    func search(_ request: ZimbraRequest, _ account: String, _ context: ChannelHandlerContext) {
        guard let selected, let folder = folder(selected, account) else {
            return refuse(request.tag, "NO must be in SELECTED state", context)
        }
        let words = request.arguments.compactMap(\.text)
        var messages = folder.messages.filter { !$0.isRemoved }
        if words.first?.uppercased() == "HEADER", words.count > 2 {
            switch server.settings.searchIndex {
            case .complete: break
            case .lacksLast(let count): messages = messages.dropLast(count)
            case .none: messages = []
            }
            let wanted = words[2].lowercased()
            let separators: Set<Character> = [" ", "\"", ";", ",", "<", ">", "[", "]", "(", ")", "*", "-", "\r\n"]
            messages = messages.filter { message in
                let value = String(decoding: Self.header(message.bytes, [words[1].uppercased()]), as: UTF8.self)
                return value.lowercased().split(whereSeparator: separators.contains).contains { $0.hasPrefix(wanted) }
            }
        }
        say("* SEARCH" + messages.map { " \($0.uid)" }.joined(), context)
        accept(request.tag, "SEARCH completed", context)
    }
}
