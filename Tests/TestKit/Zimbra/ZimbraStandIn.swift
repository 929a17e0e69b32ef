import NIOCore
import NIOPosix
import Synchronization

/// A stand-in for Zimbra's IMAP server, written from what was read in zm-mailbox: the ways in which it differs from the RFCs, and its faults.
///
/// Each rule names the file it was read in. It was never compared with a running Zimbra.
public final class ZimbraStandIn: Sendable {
    private let channel: any Channel
    private let shared: ZimbraServer
    public let port: Int

    public init(_ settings: ZimbraSettings = ZimbraSettings()) async throws {
        let shared = ZimbraServer(settings)
        self.shared = shared
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ZimbraConnection(shared))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    public func close() async { try? await channel.close() }

    /// The faults of the account's next APPEND commands, one each; nil for one that goes well.
    public func plan(_ faults: [ZimbraFault?], for account: String) {
        shared.state.withLock { $0.faults[account] = faults }
    }

    /// The bytes of the messages in a folder, in the order of their UIDs.
    public func messages(_ account: String, in folder: String = "INBOX") -> [[UInt8]] {
        shared.state.withLock { state in
            let account = state.store[account]
            return account.index(of: folder).map {
                account.folders[$0].messages.filter { !$0.isRemoved }.map(\.bytes)
            } ?? []
        }
    }

    /// A user moves the message at `index` away: it gets a new UID there (`resetImapUid`, imap-targets 1.5).
    public func move(_ account: String, at index: Int, to folder: String) {
        shared.state.withLock { state in
            var mailbox = state.store[account]
            guard let from = mailbox.index(of: "INBOX"), let to = mailbox.index(of: folder),
                mailbox.folders[from].messages.indices.contains(index)
            else { return }
            let message = mailbox.folders[from].messages.remove(at: index)
            _ = mailbox.add(message.bytes, date: message.date, flags: message.flags, to: to, gap: 0)
            state.store[account] = mailbox
        }
    }

    /// A message is removed while others still look at it: FETCH gives a stub (`imap/ImapHandler.java`, `fetchStub`).
    public func remove(_ account: String, at index: Int) {
        shared.state.withLock { state in
            var mailbox = state.store[account]
            guard let box = mailbox.index(of: "INBOX"), mailbox.folders[box].messages.indices.contains(index) else {
                return
            }
            mailbox.folders[box].messages[index].isRemoved = true
            state.store[account] = mailbox
        }
    }

    /// The account is removed and made again: UIDVALIDITY and UIDs begin as before (imap-targets, finding 10).
    public func recreate(_ account: String) { shared.state.withLock { $0.store.remove(account) } }

    /// How often each command came.
    public func count(_ command: String) -> Int { shared.state.withLock { $0.commands[command] ?? 0 } }

    /// Connections that the server ended with BYE.
    public var farewells: Int { shared.state.withLock { $0.farewells } }
}

/// What all connections of a stand-in share.
final class ZimbraServer: Sendable {
    struct State: Sendable {
        var store = ZimbraStore()
        var faults: [String: [ZimbraFault?]] = [:]
        var commands: [String: Int] = [:]
        var connections = 0
        var farewells = 0
    }

    let settings: ZimbraSettings
    let state = Mutex(State())

    init(_ settings: ZimbraSettings) { self.settings = settings }

    func nextFault(_ account: String) -> ZimbraFault? {
        state.withLock { state in
            guard var faults = state.faults[account], !faults.isEmpty else { return nil }
            let fault = faults.removeFirst()
            state.faults[account] = faults
            return fault
        }
    }

    /// The capabilities in their fixed order (`imap/ImapHandler.java:1272`).
    func capabilities(beforeLogin: Bool) -> String {
        let all = [
            "ACL", "BINARY", "CATENATE", "CHILDREN", "CONDSTORE", "ENABLE", "ESEARCH", "ESORT", "I18NLEVEL=1", "ID",
            "IDLE", "LIST-EXTENDED", "LIST-STATUS", "LITERAL+", "LOGIN-REFERRALS", "MULTIAPPEND", "NAMESPACE",
            "QRESYNC", "QUOTA", "RIGHTS=ektx", "SASL-IR", "SEARCHRES", "SORT", "THREAD=ORDEREDSUBJECT", "UIDPLUS",
            "UNSELECT", "WITHIN", "XLIST",
        ]
        if beforeLogin, let proxy = settings.proxyCapabilities { return proxy }
        let login = beforeLogin ? (settings.refusesClearText ? ["LOGINDISABLED"] : []) + ["AUTH=PLAIN"] : []
        return (["IMAP4rev1"] + login + all).filter { !settings.disabledCapabilities.contains($0) }
            .joined(separator: " ")
    }
}
