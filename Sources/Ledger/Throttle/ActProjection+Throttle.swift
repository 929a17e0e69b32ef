import MailModel
import Spool

/// What a person has allowed a target: the last word stands.
extension ActProjection {
    mutating func throttle(_ throttle: Throttle, why: String) throws {
        guard !throttle.isOpen else {
            let lift = try writer.statement("DELETE FROM throttle WHERE target = ?")
            lift.bind(1, throttle.target)
            return try lift.run()
        }
        let set = try writer.statement(
            """
            INSERT OR REPLACE INTO throttle (target, connections, messages, bytes, at, who, why)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """)
        set.bind(1, throttle.target)
        set.bind(2, throttle.connections.map { Int64($0) })
        set.bind(3, throttle.messagesPerSecond.map { Int64($0) })
        set.bind(4, throttle.bytesPerSecond.map { Int64($0) })
        set.bind(5, current.at.milliseconds)
        set.bind(6, current.by)
        set.bind(7, why)
        try set.run()
    }
}
