import MailModel

#if canImport(Glibc)
import Glibc
#endif

/// What in a header pretends, or shows, that this host has had the message before.
enum OwnTraces {
    /// A `Received:` field as `TraceHeader` writes it: `by` this host, and an id of the form that only we give.
    static func isTraceLine(_ field: UnsafeRawBufferPointer, of hostname: [UInt8]) -> Bool {
        guard contains(field, hostname) else { return false }
        let words = field.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A || $0 == UInt8(ascii: ";") }
        var byUs = false
        for (word, following) in zip(words, words.dropFirst()) {
            if word.elementsEqual("by".utf8), following.elementsEqual(hostname) { byUs = true }
            if byUs, word.elementsEqual("id".utf8) {
                return MessageID(bytes: following) != nil
            }
        }
        return false
    }

    /// Most trace lines are other hosts' and need no closer look.
    private static func contains(_ field: UnsafeRawBufferPointer, _ name: [UInt8]) -> Bool {
        guard let base = field.baseAddress, let first = name.first, field.count >= name.count else { return false }
        var position = 0
        let last = field.count - name.count
        while position <= last, let found = memchr(base + position, Int32(first), last - position + 1) {
            if memcmp(found, name, name.count) == 0 { return true }
            position = UnsafeRawPointer(found) - base + 1
        }
        return false
    }

    /// An `Authentication-Results` field whose authserv-id is this host (RFC 8601 §2.2), in any case and however it is quoted
    /// or hidden behind comments. One that cannot be read to its authserv-id counts as ours: nobody can rely on it.
    static func speaksInName(of hostname: [UInt8], _ field: UnsafeRawBufferPointer, isWhole: Bool) -> Bool {
        guard let colon = field.firstIndex(of: UInt8(ascii: ":")) else { return !isWhole }
        var rest = field[(colon + 1)...]
        guard skipSpacesAndComments(&rest) else { return true }
        guard let first = rest.first else { return !isWhole }
        guard let name = first == UInt8(ascii: "\"") ? quotedString(&rest) : token(&rest, isWhole: isWhole) else {
            return true
        }
        return isHostname(name, hostname)
    }

    private typealias Rest = Slice<UnsafeRawBufferPointer>

    /// Steps over white space, folds and comments, which may stand in each other. False in an open comment.
    private static func skipSpacesAndComments(_ rest: inout Rest) -> Bool {
        var depth = 0
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")") where depth > 0: depth -= 1
            case UInt8(ascii: "\\") where depth > 0: rest = rest.dropFirst()
            case 0x20, 0x09, 0x0D, 0x0A: break
            default: if depth == 0 { return true }
            }
            rest = rest.dropFirst()
        }
        return depth == 0
    }

    /// The inside of a quoted string; nil where it does not end.
    private static func quotedString(_ rest: inout Rest) -> [UInt8]? {
        rest = rest.dropFirst()
        var text: [UInt8] = []
        while var byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return text }
            if byte == UInt8(ascii: "\\") { byte = rest.popFirst() ?? byte }
            text.append(byte)
        }
        return nil
    }

    /// Up to white space, a comment or a semicolon; nil where the field has been cut before that.
    private static func token(_ rest: inout Rest, isWhole: Bool) -> [UInt8]? {
        let end = rest.firstIndex {
            $0 <= 0x20 || $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: "(")
        }
        guard end != nil || isWhole else { return nil }
        return Array(rest[..<(end ?? rest.endIndex)])
    }

    /// In any case, with or without the dot of the root.
    private static func isHostname(_ name: [UInt8], _ hostname: [UInt8]) -> Bool {
        let bare = name.last == UInt8(ascii: ".") ? name.dropLast() : name[...]
        return bare.elementsEqual(hostname) { byte, own in
            ((0x41...0x5A).contains(byte) ? byte | 0x20 : byte) == own
        }
    }
}
