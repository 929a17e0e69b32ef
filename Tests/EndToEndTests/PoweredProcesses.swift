import TestKit

/// `serve`, or `receive` and `replay --follow`, that all lose their power at once.
final class PoweredProcesses: Sendable {
    let together: Bool
    private let server: LayoverServer
    private let follower: ChildProcess?

    init(_ migration: Migration, together: Bool) throws {
        self.together = together
        server = try migration.site.startServer(together ? "serve" : "receive")
        follower = together ? nil : try migration.site.start(["replay", "--follow"])
    }

    /// Where mail is taken; nil once it is dead.
    var port: UInt16? { server.process.poll() == nil ? server.port : nil }

    var all: [ChildProcess] { [server.process] + (follower.map { [$0] } ?? []) }

    func kill() {
        server.kill()
        follower?.kill()
    }
}
