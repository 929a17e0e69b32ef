import GRDB
import MailModel
import Spool

extension Ledger {
    /// The throttles that stand, by target. Cheap: asked several times a second.
    public func throttles() throws -> [TargetThrottle] {
        try database.read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: "SELECT target, connections, messages, bytes, at, who, why FROM throttle ORDER BY target")
            ).map { row in
                try TargetThrottle(
                    throttle: Throttle(
                        target: row.at(0), connections: row.at(1), messagesPerSecond: row.at(2),
                        bytesPerSecond: row.at(3)),
                    since: Timestamp(milliseconds: row.at(4)), by: row.at(5), why: row.at(6))
            }
        }
    }
}
