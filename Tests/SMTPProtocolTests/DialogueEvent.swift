import SMTPProtocol

/// The `! …` lines of a dialogue that tell what happens around the session, or what the receiver will answer.
enum DialogueEvent {
    private static let events: [String: @Sendable (inout ScriptedSession) -> Void] = [
        "connects": { $0.connect() },
        "connects, server overloaded": { $0.connect(.overloaded) },
        "connects, too many from this client": { $0.connect(.tooManyFromClient) },
        "connects, store unavailable": { $0.connect(.storeUnavailable) },
        "sender: storage low": { $0.senderVerdicts.append(.storageLow) },
        "sender: store unhealthy": { $0.senderVerdicts.append(.storeUnhealthy) },
        "recipient: accept": { $0.recipientVerdicts.append(.accept) },
        "recipient: unknown": { $0.recipientVerdicts.append(.unknown) },
        "recipient: deferred": { $0.recipientVerdicts.append(.deferred) },
        "recipient: relay denied": { $0.recipientVerdicts.append(.relayDenied) },
        "recipient: disabled": { $0.recipientVerdicts.append(.disabled) },
        "recipient: directory unavailable": { $0.recipientVerdicts.append(.directoryUnavailable) },
        "recipient: storage low": { $0.recipientVerdicts.append(.storageLow) },
        "data: storage low": { $0.dataVerdicts.append(.storageLow) },
        "data: store unhealthy": { $0.dataVerdicts.append(.storeUnhealthy) },
        "chunk: ok": { $0.chunkFailures.append(nil) },
        "chunk: disk full": { $0.chunkFailures.append(.diskFull) },
        "spool: disk full": { $0.commitAnswers.append(.failed(.diskFull)) },
        "spool: write error": { $0.commitAnswers.append(.failed(.writeError)) },
        "message: loop": { $0.commitAnswers.append(.refused(.loop)) },
        "message: line too long": { $0.commitAnswers.append(.refused(.lineTooLong)) },
        "recipient: on a blocklist": { $0.recipientVerdicts.append(.listed(by: "list.test")) },
        "message: headers too long": { $0.commitAnswers.append(.refused(.headersTooLong)) },
        "spool is slow": { $0.isSpoolSlow = true },
        "spool commits": { $0.finishCommit() },
        "times out": { $0.perform($0.machine.timedOut()) },
        "shuts down": { $0.perform($0.machine.shuttingDown(.untilMessageEnds)) },
        "shuts down now": { $0.perform($0.machine.shuttingDown(.none)) },
        "TLS is unavailable": { $0.isTLSUnavailable = true },
        "TLS is established": { $0.perform($0.machine.tlsEstablished("TLSv1.3 TLS_AES_256_GCM_SHA384")) },
        "TLS fails": { $0.perform($0.machine.tlsFailed()) },
    ]

    /// False when the line is not an event.
    static func apply(_ line: String, to session: inout ScriptedSession) -> Bool {
        guard let event = events[line] else { return false }
        event(&session)
        return true
    }
}
