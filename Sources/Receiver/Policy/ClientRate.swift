import NIOCore
import Synchronization

/// How often each client has done something within the last minute, about: what the minute before saw is counted in by the share
/// of it that is not yet over. Memory is bounded: clients beyond the bound are not limited until the minute ends.
final class ClientRate: Sendable {
    private struct State {
        var minute: UInt64 = 0
        var current: [ClientNetwork: Int] = [:]
        var previous: [ClientNetwork: Int] = [:]

        mutating func turn(to minute: UInt64) {
            guard minute != self.minute else { return }
            previous = minute == self.minute &+ 1 ? current : [:]
            current = [:]
            self.minute = minute
        }

        func rate(of client: ClientNetwork, secondsIntoMinute: Int) -> Int {
            (current[client] ?? 0) + (previous[client] ?? 0) * (60 - secondsIntoMinute) / 60
        }
    }

    private let perMinute: Int
    private let clients: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - perMinute: 0 means no limit.
    ///   - clients: so many are remembered.
    init(perMinute: Int, clients: Int) {
        self.perMinute = perMinute
        self.clients = clients
    }

    /// Counts one more. False when that is more than there may be.
    func count(_ client: ClientNetwork, now: NIODeadline) -> Bool {
        guard perMinute > 0 else { return true }
        let (minute, second) = Self.split(now)
        return state.withLock { state in
            state.turn(to: minute)
            if state.current[client] != nil || state.current.count < clients { state.current[client, default: 0] += 1 }
            return state.rate(of: client, secondsIntoMinute: second) <= perMinute
        }
    }

    /// Whether the client has used up what it may do; counts nothing.
    func isSpent(by client: ClientNetwork, now: NIODeadline) -> Bool {
        guard perMinute > 0 else { return false }
        let (minute, second) = Self.split(now)
        return state.withLock { state in
            state.turn(to: minute)
            return state.rate(of: client, secondsIntoMinute: second) >= perMinute
        }
    }

    private static func split(_ now: NIODeadline) -> (minute: UInt64, second: Int) {
        let seconds = now.uptimeNanoseconds / 1_000_000_000
        return (seconds / 60, Int(seconds % 60))
    }
}
