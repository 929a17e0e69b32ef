import TestKit
import Testing

/// The servers that awkward mail, folders and quotas are tried on.
enum TestServer: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sdbox, maildir, mdbox, cyrus, courier

    var testDescription: String { rawValue }

    /// Runs a test with a fresh one and a fresh spool, and removes both.
    func run(users: [String], _ test: (ReplayRig) async throws -> Void) async throws {
        let server = try make(users: users)
        defer { server.remove() }
        try await server.startAside()
        try await ReplayRig.run(server, test)
    }

    private func make(users: [String]) throws -> any TargetServer {
        switch self {
        case .sdbox: try ThrowawayDovecot()
        case .maildir, .mdbox: try ThrowawayDovecot(format: rawValue)
        case .cyrus: try ThrowawayCyrus()
        case .courier: try ThrowawayCourier(users: users)
        }
    }

    static var dovecots: [TestServer] { [.sdbox, .maildir, .mdbox] }
    static var others: [TestServer] { [.cyrus, .courier] }
}

extension TargetServer {
    /// Starts it on a thread of its own: its start takes a second, in which no other test must wait.
    func startAside() async throws { try await onThreadOfItsOwn { try self.start() } }
}
