/// A throttle as the journal's lines and back.
extension JournalAct {
    func encodeThrottle(into writer: inout JournalFieldWriter) {
        guard case .throttled(let throttle, let why) = self else { return }
        writer.add("Act", "throttled")
        writer.add("Target", throttle.target)
        if let count = throttle.connections { writer.add("Connections", count) }
        if let count = throttle.messagesPerSecond { writer.add("Messages-Per-Second", count) }
        if let count = throttle.bytesPerSecond { writer.add("Bytes-Per-Second", count) }
        writer.add("Why", why)
    }

    static func throttle(_ word: String, from reader: JournalFieldReader) -> JournalAct? {
        guard word == "throttled", let target = reader.text("Target") else { return nil }
        let throttle = Throttle(
            target: target, connections: reader.number("Connections"),
            messagesPerSecond: reader.number("Messages-Per-Second"), bytesPerSecond: reader.number("Bytes-Per-Second"))
        return .throttled(throttle, why: reader.text("Why") ?? "")
    }
}
