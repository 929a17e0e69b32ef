import MailModel

/// What a selection means, with an error that names what means nothing.
extension MailboxQuery {
    /// The mailboxes of a selection by address.
    func select(_ selection: MailboxSelection) throws -> [MailboxStatus] {
        let all = try statuses()
        let excluded = Set(try selection.except.map { try find($0, among: all).key })
        return try chosen(selection, among: all).filter { !excluded.contains($0.key) }
    }

    private func chosen(_ selection: MailboxSelection, among all: [MailboxStatus]) throws -> [MailboxStatus] {
        var chosen = all
        if !selection.mailboxes.isEmpty {
            let keys = Set(try selection.mailboxes.map { try find($0, among: all).key })
            chosen = chosen.filter { keys.contains($0.key) }
        }
        if let title = selection.wave {
            let wave = title == WaveStatus.unnamed ? "" : title
            let waves = Set(all.map(\.mailbox.wave)).subtracting([""])
            guard wave.isEmpty || waves.contains(wave) else {
                throw LedgerError(
                    code: .selection,
                    message: waves.isEmpty
                        ? "there is no wave \(wave): no mailbox of the roster is in a wave"
                        : "there is no wave \(wave); the roster has: \(waves.sorted().joined(separator: ", "))")
            }
            chosen = chosen.filter { $0.mailbox.wave == wave }
        }
        if let domain = selection.domain?.asciiLowercased {
            chosen = chosen.filter { MailAddress($0.mailbox.address)?.domain == domain }
            guard !chosen.isEmpty else {
                throw LedgerError(
                    code: .selection,
                    message: "no mailbox of the roster is in the domain \(domain); see `layover roster list`")
            }
        }
        return chosen
    }

    /// The mailbox with this address (any of its own) or id.
    func find(_ name: String, among all: [MailboxStatus]) throws -> MailboxStatus {
        let key = try index.mailbox(named: name.asciiLowercased)
        guard let found = all.first(where: { $0.key == key || $0.mailbox.id == name }) else {
            throw LedgerError(code: .selection, message: "no mailbox is called \(name); see `layover roster list`")
        }
        return found
    }
}
