import IMAPProtocol
public import MailModel
public import NIOCore

/// What a login to one mailbox of a target shows, without changing anything there.
public struct TargetProbe: Sendable {
    /// The server by its own words in the ID command, or by what it was recognised as; `unnamed` where it was not.
    public var server: String
    public var messages: UInt64
    /// The largest message the server says it takes; nil where it does not say.
    public var appendLimit: ByteCount?
    /// Octets free under the quota; nil where there is none.
    public var quotaFree: UInt64?
    /// One APPEND of several messages is stored whole or not at all.
    public var isAtomic: Bool

    /// Logs in, selects the folder read-only, asks for the quota, and leaves. Throws ``ReplayError``.
    public static func run(
        _ target: ReplayTarget, login: String, folder: String, group: any EventLoopGroup
    ) async throws -> TargetProbe {
        do {
            let session = try await IMAPSession.connect(
                to: target.endpoint, credentials: target.credentials.credentials(for: login),
                limits: target.sessionLimits, group: group)
            defer { Task { await session.logout() } }
            let name = try MailboxName(folder)
            let box = try await session.examine(name)
            let quota = session.capabilities.hasQuota ? try await session.quota(name) : nil
            let identification = session.identification
            let words = ["name", "version"].compactMap { identification[$0] ?? identification[$0.uppercased()] }
            let personality = Personality(kind: target.kind, session: session)
            let known = personality.kind == .unknown ? "unnamed" : personality.kind.rawValue
            return TargetProbe(
                server: words.isEmpty ? known : words.joined(separator: " "), messages: box.messages,
                appendLimit: session.capabilities.appendLimit.map { ByteCount($0) }, quotaFree: quota?.free,
                isAtomic: personality.isAtomic)
        } catch let error as IMAPError {
            throw ReplayError(error)
        }
    }
}
