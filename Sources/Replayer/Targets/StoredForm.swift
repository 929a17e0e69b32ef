import MailModel
import Spool

/// What a server is known to make of a message that it stores: a rule from octets to octets (imap-targets §2).
///
/// A copy that differs from what was appended, and is to the octet what the rule gives, lost nothing but what the rule names.
enum StoredForm: CaseIterable, Sendable {
    /// Dovecot stores lines with LF and gives them out with CRLF: one CR before an LF is taken off, and one put before every LF that has
    /// none; a CR at the very end is lost. NUL is shown as 0x80.
    case linefeedStorage
    /// Cyrus (`munge8bit`): octets above 127 in the header become `X`.
    case sevenBitHeader
    /// Courier drops every CR, gives lines out with CRLF, and ends the last line.
    case carriageReturnsDropped

    /// The octets as the server gives them out, and what was changed in words; nil where the rule changes nothing.
    func applied(to bytes: [UInt8]) -> (bytes: [UInt8], changes: String)? {
        var changed = ChangedOctets(capacity: bytes.count)
        switch self {
        case .linefeedStorage: changed.storeLinefeeds(bytes)
        case .sevenBitHeader: changed.maskHeader(bytes)
        case .carriageReturnsDropped: changed.dropCarriageReturns(bytes)
        }
        return changed.changes.isEmpty ? nil : (changed.octets, changed.words)
    }
}

extension [StoredForm] {
    /// What a server with these rules has changed, in words, if it has made of `bytes` a copy with `digest`; nil if it has not.
    func changes(of digest: SHA256Digest, from bytes: [UInt8]) -> String? {
        lazy.compactMap { $0.applied(to: bytes) }.first { SHA256Hasher.digest($0.bytes) == digest }?.changes
    }
}

/// A message while it is changed, with an account of it.
private struct ChangedOctets {
    private(set) var octets: [UInt8] = []
    private(set) var changes: [(what: String, times: Int)] = []

    private static let (nul, cr, lf) = (UInt8(0), UInt8(0x0D), UInt8(0x0A))

    init(capacity: Int) { octets.reserveCapacity(capacity + 64) }

    /// `8-bit octet of the header became X (3)`, one after the other.
    var words: String { changes.map { "\($0.what) (\($0.times))" }.joined(separator: ", ") }

    private mutating func note(_ what: String) {
        if let index = changes.firstIndex(where: { $0.what == what }) {
            changes[index].times += 1
        } else {
            changes.append((what, 1))
        }
    }

    mutating func storeLinefeeds(_ bytes: [UInt8]) {
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case Self.cr where index + 1 == bytes.count: note("CR at the end dropped")
            case Self.cr where bytes[index + 1] == Self.lf: break
            case Self.lf:
                let wasCRLF = index > 0 && bytes[index - 1] == Self.cr
                // What is left before the LF ends the line already where it is a CR.
                if octets.last == Self.cr {
                    note("CR CR LF became CR LF")
                } else {
                    octets.append(Self.cr)
                    if !wasCRLF { note("bare LF became CRLF") }
                }
                octets.append(Self.lf)
            case Self.nul:
                octets.append(0x80)
                note("NUL became 0x80")
            default: octets.append(byte)
            }
        }
    }

    mutating func maskHeader(_ bytes: [UInt8]) {
        var isHeader = true
        for (index, byte) in bytes.enumerated() {
            if isHeader, byte == Self.lf {
                let line = index > 0 && bytes[index - 1] == Self.cr ? index - 1 : index
                isHeader = line > 0 && bytes[line - 1] != Self.lf
            }
            if isHeader, byte > 0x7F {
                octets.append(UInt8(ascii: "X"))
                note("8-bit octet of the header became X")
            } else {
                octets.append(byte)
            }
        }
    }

    mutating func dropCarriageReturns(_ bytes: [UInt8]) {
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case Self.cr: if index + 1 == bytes.count || bytes[index + 1] != Self.lf { note("CR dropped") }
            case Self.lf:
                if index == 0 || bytes[index - 1] != Self.cr { note("bare LF became CRLF") }
                octets += [Self.cr, Self.lf]
            default: octets.append(byte)
            }
        }
        guard octets.last != Self.lf else { return }
        octets += [Self.cr, Self.lf]
        note("end of the last line added")
    }
}
