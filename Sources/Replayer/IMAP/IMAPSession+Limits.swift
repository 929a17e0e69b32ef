import IMAPProtocol
import NIOCore

/// What a mailbox may hold and take, and who may put something there. Changes nothing.
extension IMAPSession {
    /// What is free of every quota root that a mailbox counts against: `STORAGE` in octets, `MESSAGE` in messages. Empty where there is
    /// no limit, or the server does not say.
    func quotas(_ mailbox: MailboxName) async throws -> [(resource: String, free: UInt64)] {
        guard capabilities.hasQuota else { return [] }
        do {
            return try await rootsFree(mailbox)
        } catch let error as IMAPError where error.code == .refused {
            return []
        }
    }

    private func rootsFree(_ mailbox: MailboxName) async throws -> [(resource: String, free: UInt64)] {
        try await run(.getQuotaRoot(place(mailbox)), "GETQUOTAROOT", [(resource: String, free: UInt64)]()) {
            found, response in
            guard case .quota(let quota) = response else { return }
            for (name, resource) in quota.resources.sorted(by: { $0.key < $1.key }) {
                let free = resource.limit > resource.used ? resource.limit - resource.used : 0
                // STORAGE counts units of 1024 octets (RFC 9208 §5.1).
                let octets = free > UInt64.max >> 10 ? .max : free << 10
                found.append((resource: name, free: name == "STORAGE" ? octets : free))
            }
        }
    }

    /// The largest message that a mailbox takes, where the server says so (RFC 7889).
    func appendLimit(_ mailbox: MailboxName) async throws -> Int? {
        if let limit = capabilities.appendLimit { return limit }
        guard capabilities.hasAppendLimitByMailbox else { return nil }
        return try await run(.statusAppendLimit(place(mailbox)), "STATUS", Int?.none) { limit, response in
            if case .status(let status) = response { limit = status.appendLimit.map { Int(clamping: $0) } ?? limit }
        }
    }

    /// What the user may do with a mailbox (RFC 4314); nil where the server does not say.
    func rights(_ mailbox: MailboxName) async throws -> String? {
        guard capabilities.hasACL else { return nil }
        do {
            return try await run(.myRights(place(mailbox)), "MYRIGHTS", String?.none) { rights, response in
                if case .myRights(let letters) = response { rights = letters }
            }
        } catch let error as IMAPError where error.code == .refused {
            return nil
        }
    }
}
