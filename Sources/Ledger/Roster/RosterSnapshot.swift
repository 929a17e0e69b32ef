public import MailModel
public import Spool

/// The file that tells the receiver which addresses are known.
///
/// First line `layover-roster 1 <count>`, then one lower-case address a line, sorted by octets. `@example.com` is a
/// catch-all. The addresses under an aliased domain are written out, so the reader needs no map.
public enum RosterSnapshot {
    /// When this returns, the file in place is the new one, and is on stable storage.
    public static func write(_ mailboxes: [RosterMailbox], domainAliases: [String: String], layout: SpoolLayout) throws
    {
        // Readable by the group: the receiver runs as another user.
        try DurableFile.replace(
            layout.rosterSnapshot, with: bytes(mailboxes, domainAliases: domainAliases), mode: 0o640)
    }

    static func bytes(_ mailboxes: [RosterMailbox], domainAliases: [String: String]) -> [UInt8] {
        var old: [String: [String]] = [:]
        for (from, to) in domainAliases { old[to.asciiLowercased, default: []].append(from.asciiLowercased) }
        var addresses: Set<String> = []
        for address in mailboxes.flatMap(\.addresses).compactMap({ MailAddress($0) }) {
            addresses.insert(address.key)
            for domain in old[address.domain] ?? [] {
                addresses.insert("\(address.localPart.asciiLowercased)@\(domain)")
            }
        }
        let sorted = addresses.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        var bytes = Array("layover-roster 1 \(sorted.count)\n".utf8)
        for address in sorted { bytes += address + [UInt8(ascii: "\n")] }
        return bytes
    }
}
