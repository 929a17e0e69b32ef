import NIOCore
import SMTPProtocol
import Synchronization

/// Who may have one more session: so many in all, so many of one client and of one network, so that none can take the others'
/// places; and so many a minute of one client.
final class SessionAdmission: Sendable {
    private struct State {
        var all = 0
        var byClient: [ClientNetwork: Int] = [:]
        var byNetwork: [ClientNetwork: Int] = [:]
    }

    private let limits: ReceiverLimits
    private let state = Mutex(State())
    private let connections: ClientRate
    private let aborts: ClientRate

    init(limits: ReceiverLimits) {
        self.limits = limits
        connections = ClientRate(perMinute: limits.connectionsPerMinute, clients: limits.clientsRemembered)
        aborts = ClientRate(perMinute: limits.abortsPerMinute, clients: limits.clientsRemembered)
    }

    var sessions: Int { state.withLock { $0.all } }

    /// Counts a session in, also a refused one: it lasts until `leave` is told.
    func enter(_ client: ClientNetwork) -> ConnectionVerdict { admit(client, now: .now()).verdict }

    /// As `enter`, with the limit that was reached, if any.
    func admit(_ client: ClientNetwork, now: NIODeadline) -> (verdict: ConnectionVerdict, limit: ReceiverLimit?) {
        let (all, own, near) = state.withLock { state in
            state.all += 1
            state.byClient[client, default: 0] += 1
            state.byNetwork[client.neighbourhood, default: 0] += 1
            return (state.all, state.byClient[client] ?? 0, state.byNetwork[client.neighbourhood] ?? 0)
        }
        if !client.speaksForOthers {
            if own > limits.sessionsPerClient { return (.tooManyFromClient, .sessionsPerClient) }
            if near > limits.sessionsPerNetwork { return (.tooManyFromClient, .sessionsPerNetwork) }
            if !connections.count(client, now: now) { return (.tooManyFromClient, .connectionsPerMinute) }
            if aborts.isSpent(by: client, now: now) { return (.tooManyFromClient, .abortsPerMinute) }
        }
        return all > limits.sessions ? (.overloaded, .sessions) : (.welcome, nil)
    }

    func leave(_ client: ClientNetwork) {
        state.withLock { state in
            state.all -= 1
            Self.countDown(client, in: &state.byClient)
            Self.countDown(client.neighbourhood, in: &state.byNetwork)
        }
    }

    /// The client has given up a message that it had begun, or made us read one for nothing.
    func noteAbort(of client: ClientNetwork, now: NIODeadline) {
        if !client.speaksForOthers { _ = aborts.count(client, now: now) }
    }

    private static func countDown(_ client: ClientNetwork, in counts: inout [ClientNetwork: Int]) {
        let left = (counts[client] ?? 1) - 1
        counts[client] = left > 0 ? left : nil
    }
}
