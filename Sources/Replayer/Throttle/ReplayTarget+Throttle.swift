public import Ledger
import Spool

extension ReplayTarget {
    /// With no more connections than a person allows it now.
    fileprivate func within(_ connections: Int?) -> ReplayTarget {
        guard let connections else { return self }
        var target = self
        target.connections = max(1, min(self.connections, connections))
        return target
    }
}

extension [String: ReplayTarget] {
    /// The targets within what a person allows each of them now: a throttle holds for whatever asks a target, not for a replay only.
    /// Throws where the Ledger fails. Blocks.
    public func throttled(by ledger: Ledger) throws -> [String: ReplayTarget] {
        var allowed: [String: Int] = [:]
        for row in try ledger.throttles() { allowed[row.throttle.target] = row.throttle.connections }
        return mapValues { $0.within(allowed[$0.name]) }
    }
}
