import Foundation
import NIOCore
import Synchronization

extension ZimbraConnection {
    /// One message of an APPEND.
    private struct Item {
        var flags: [String]
        var date: Int64
        var bytes: [UInt8]
    }

    /// What an APPEND has to tell when everything was stored, or which words it is refused with.
    private enum Answer {
        case stored(uidValidity: UInt32, uids: [UInt32])
        case refused(String)
        /// Untagged BAD, and the end of the connection.
        case broken
        /// The end of the connection, without a word.
        case dead
    }

    func append(
        _ request: ZimbraRequest, _ account: String, _ fault: ZimbraFault?, _ context: ChannelHandlerContext
    ) {
        guard let items = Self.items(of: request) else {
            return refuse(request.tag, "BAD invalid date-time or flag", context)
        }
        // Before 1970 it is BAD, after 2038 NO (imap-targets 1.2).
        guard items.allSatisfy({ $0.date <= Int64(Int32.max) }) else {
            return refuse(request.tag, "NO APPEND failed", context)
        }
        let name = request.arguments.first?.text ?? ""
        let server = server
        for item in items {
            // Asked once for each: a test may count.
            if let words = server.settings.refusal?(item.bytes) { return refuse(request.tag, words, context) }
        }
        switch fault {
        case .diesBeforeToken, .diesBeforeStore: return die(context)
        case .refuses: return refuse(request.tag, "NO APPEND failed", context)
        case .zombie(let milliseconds):
            zombie = [({ _ = Self.store(items, name, account, nil, server) }, .milliseconds(Int64(milliseconds)))]
            return
        case .slowZombie(let milliseconds):
            zombie = items.enumerated().map { number, item in
                (
                    { _ = Self.store([item], name, account, nil, server) },
                    .milliseconds(Int64(milliseconds * (number + 1)))
                )
            }
            return
        default: break
        }
        let answer = Self.store(items, name, account, fault, server)
        switch (fault, answer) {
        case (.diesAfterStore, .stored): die(context)
        case (.losesOK, .stored): break
        case (_, .stored(let validity, let uids)):
            let code =
                server.settings.disabledCapabilities.contains("UIDPLUS")
                ? "" : "[APPENDUID \(validity) \(Self.set(uids))] "
            accept(request.tag, "\(code)APPEND completed", context)
        case (_, .refused(let text)): refuse(request.tag, text, context)
        case (_, .broken):
            say("* BAD Unknown Error", context)
            die(context)
        case (_, .dead): die(context)
        }
    }

    /// One transaction a message, not one for all (imap/AppendMessage.java): what a fault leaves depends on its kind.
    private static func store(
        _ items: [Item], _ name: String, _ account: String, _ fault: ZimbraFault?, _ server: ZimbraServer
    ) -> Answer {
        server.state.withLock { state in
            var mailbox = state.store[account]
            defer { state.store[account] = mailbox }
            guard let folder = mailbox.index(of: name) else {
                let isMail = !["contacts", "calendar", "notebook"].contains(
                    name.split(separator: "/").first?.lowercased() ?? "")
                return .refused("NO \(isMail ? "[TRYCREATE] " : "")APPEND failed: no such mailbox")
            }
            var uids: [UInt32] = []
            for (number, item) in items.enumerated() {
                switch fault {
                case .serviceException(at: number)?:
                    for uid in uids { mailbox.takeBack(uid, from: folder) }
                    return .refused("NO APPEND failed")
                case .runtimeException(at: number)?: return .broken
                case .crash(at: number)?: return .dead
                default: break
                }
                let isOverQuota = server.settings.quota.map { mailbox.size + item.bytes.count > $0 } ?? false
                let isOverDomain =
                    server.settings.domainQuota.map {
                        state.store.size - state.store[account].size + mailbox.size + item.bytes.count > $0
                    } ?? false
                guard !isOverQuota, !isOverDomain else {
                    // Mailbox.QUOTA_EXCEEDED is a ServiceException: everything of this command is taken back.
                    for uid in uids { mailbox.takeBack(uid, from: folder) }
                    return .refused("NO APPEND failed")
                }
                let gap = server.settings.idsBetweenMessages(mailbox.stored)
                uids.append(mailbox.add(item.bytes, date: item.date, flags: item.flags, to: folder, gap: gap))
            }
            return .stored(uidValidity: mailbox.folders[folder].uidValidity, uids: uids)
        }
    }

    /// `257,259:260`: gaps also inside one command (imap-targets 1.2).
    private static func set(_ uids: [UInt32]) -> String {
        var ranges: [ClosedRange<UInt32>] = []
        for uid in uids {
            if let last = ranges.last, last.upperBound + 1 == uid {
                ranges[ranges.count - 1] = last.lowerBound...uid
            } else {
                ranges.append(uid...uid)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound):\($0.upperBound)" }
            .joined(separator: ",")
    }

    private static func items(of request: ZimbraRequest) -> [Item]? {
        var items: [Item] = []
        var flags: [String] = []
        var date: Int64?
        for part in request.arguments.dropFirst() {
            switch part {
            case .list:
                flags = part.words
                // Keywords make tags; any other system flag is refused.
                let known = ["\\answered", "\\flagged", "\\deleted", "\\seen", "\\draft"]
                guard flags.allSatisfy({ !$0.hasPrefix("\\") || known.contains($0.lowercased()) }) else { return nil }
            case .string(let bytes) where isDate(bytes):
                guard let seconds = seconds(String(decoding: bytes, as: UTF8.self)), seconds >= 0 else { return nil }
                date = seconds
            case .string(let bytes):
                items.append(Item(flags: flags, date: date ?? receivedDate(bytes), bytes: bytes))
                (flags, date) = ([], nil)
            case .word: return nil
            }
        }
        return items.isEmpty ? nil : items
    }

    /// A quoted date-time of 26 characters, or 25 where the day's blank is missing (imap/ImapRequest.java).
    private static func isDate(_ bytes: [UInt8]) -> Bool {
        (bytes.count == 26 || bytes.count == 25) && bytes.contains(UInt8(ascii: "-"))
            && !bytes.contains(UInt8(ascii: "\r"))
    }

    /// Without a date-time the header `X-Zimbra-Received` is believed (`ParsedMessage.getZimbraDateHeader`).
    private static func receivedDate(_ bytes: [UInt8]) -> Int64 {
        let head = String(decoding: bytes.prefix(4096), as: UTF8.self)
        for line in head.split(whereSeparator: \.isNewline) where line.lowercased().hasPrefix("x-zimbra-received:") {
            if let seconds = seconds(line.dropFirst(18).trimmingCharacters(in: .whitespaces)) { return seconds }
        }
        return Int64(Date.now.timeIntervalSince1970)
    }

    private static func seconds(_ text: String) -> Int64? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.dateFormat = "d-MMM-yyyy HH:mm:ss Z"
        return formatter.date(from: text.trimmingCharacters(in: .whitespaces)).map { Int64($0.timeIntervalSince1970) }
    }
}
