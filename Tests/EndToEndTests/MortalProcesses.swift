import Foundation
import Synchronization
import TestKit

/// The processes of a migration, of which one, or all of ours at once, is killed and started again.
final class MortalProcesses: Sendable {
    enum Victim: String, CaseIterable, Sendable {
        case receiver, follower
        /// Both of ours; `serve` where that is both.
        case both
        /// The new system.
        case target
        /// Both of ours and the new system, at one moment.
        case everything

        var isReceiver: Bool { self == .receiver || self == .both || self == .everything }
        var isFollower: Bool { self == .follower || self == .both || self == .everything }
        var isTarget: Bool { self == .target || self == .everything }
    }

    private struct State {
        var receiver: LayoverServer?
        var follower: ChildProcess?
        var random: SeededGenerator
        var events: [String] = []
    }

    private let migration: Migration
    private let victims: [Victim]
    private let isServe: Bool
    private let state: Mutex<State>

    /// - Parameter serving: one `serve` instead of `receive` and `replay --follow`.
    init(_ migration: Migration, serving: Bool = false, victims: [Victim], seed: UInt64) throws {
        self.migration = migration
        self.victims = victims
        isServe = serving
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

    /// Lets some mail flow, then kills without a warning, and starts again a little later.
    func killOne() throws {
        let (victim, pause, absence) = state.withLock { state in
            (
                victims.randomElement(using: &state.random) ?? .both,
                UInt32.random(in: 20_000...500_000, using: &state.random),
                UInt32.random(in: 0...150_000, using: &state.random)
            )
        }
        usleep(pause)
        note("kill \(victim.rawValue)")
        defer { note("started again") }
        if victim.isReceiver { killReceiver() }
        if victim.isFollower { state.withLock { $0.follower }?.kill() }
        if victim.isTarget { migration.system.kill() }
        usleep(absence)
        if victim.isReceiver { try startReceiver() }
        if victim.isFollower { try startFollower() }
        if victim.isTarget { try migration.system.start() }
    }

    private func killReceiver() {
        state.withLock { state in
            defer { state.receiver = nil }
            return state.receiver
        }?.kill()
    }

    /// SIGTERM to all of ours.
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
        let receiver = try migration.site.startServer(isServe ? "serve" : "receive")
        state.withLock { $0.receiver = receiver }
    }

    private func startFollower() throws {
        guard !isServe else { return }
        let follower = try migration.site.start(["replay", "--follow"])
        state.withLock { $0.follower = follower }
    }
}
