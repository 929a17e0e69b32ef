import Foundation
import Synchronization
import TestKit

/// `receive`, `replay --follow` and Dovecot, of which one at a time is killed and started again.
final class MortalProcesses: Sendable {
    private struct State {
        var receiver: LayoverServer?
        var follower: ChildProcess?
        var random: SeededGenerator
        var events: [String] = []
    }

    private let migration: Migration
    private let state: Mutex<State>

    init(_ migration: Migration, seed: UInt64) throws {
        self.migration = migration
        state = Mutex(State(random: SeededGenerator(seed: ~seed)))
        try startReceiver()
        try startFollower()
    }

    /// Where mail is taken now; nil while the receiver is dead.
    var port: UInt16? { state.withLock { $0.receiver?.port } }

    /// What was killed and when, for whoever must understand a failure.
    var events: String { state.withLock { $0.events.joined(separator: "\n") } }

    private func note(_ event: String) {
        let now = Date().formatted(.iso8601.time(includingFractionalSeconds: true))
        state.withLock { $0.events.append("\(now) \(event)") }
    }

    /// Lets some mail flow, then kills one of the three without a warning, and starts it again a little later.
    func killOne() throws {
        let (victim, pause, absence) = state.withLock { state in
            (
                Int.random(in: 0..<5, using: &state.random), UInt32.random(in: 20_000...500_000, using: &state.random),
                UInt32.random(in: 0...150_000, using: &state.random)
            )
        }
        usleep(pause)
        note("kill \(["receiver", "receiver", "follower", "follower", "Dovecot"][victim])")
        defer { note("started again") }
        switch victim {
        case 0, 1:
            state.withLock { state in
                defer { state.receiver = nil }
                return state.receiver
            }?.kill()
            usleep(absence)
            try startReceiver()
        case 2, 3:
            state.withLock { $0.follower }?.kill()
            usleep(absence)
            try startFollower()
        default:
            migration.dovecot.kill()
            usleep(absence)
            try migration.dovecot.start()
        }
    }

    /// SIGTERM to both of ours.
    func endInOrder() throws {
        let (receiver, follower) = state.withLock { ($0.receiver, $0.follower) }
        try receiver?.terminate()
        follower?.signal(SIGTERM)
        try follower?.wait(within: .seconds(30))
    }

    func end() {
        let (receiver, follower) = state.withLock { ($0.receiver, $0.follower) }
        receiver?.kill()
        follower?.kill()
    }

    private func startReceiver() throws {
        let receiver = try migration.site.startServer()
        state.withLock { $0.receiver = receiver }
    }

    private func startFollower() throws {
        let follower = try migration.site.start(["replay", "--follow"])
        state.withLock { $0.follower = follower }
    }
}
