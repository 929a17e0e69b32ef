import Console
import MailModel
import Receiver
import Replayer
import Spool

/// The services' counts in the console's words.
extension ReceiverFigures {
    init(_ service: ReceiverService) {
        let counts = service.statistics.snapshot
        self.init(isRunning: service.isListening, spoolFailure: service.spoolFailure?.description)
        sessionsNow = counts.sessionsNow
        sessionsTotal = counts.sessionsTotal
        sessionsRefused = counts.sessionsRefused
        messagesAccepted = counts.messagesAccepted
        bytesAccepted = counts.bytesAccepted
        messagesRefused = counts.messagesRefused
        recipientsRefused = counts.recipientsRefused
    }
}

extension ReplayFigures {
    init(_ service: ReplayService) {
        let ceilings = service.engine.connectionCeilings
        let active = service.engine.connectionsInUse
        let problems = service.engine.problems
        self.init(
            isFollowing: true,
            targets: ceilings.keys.sorted().map { name in
                TargetFigures(
                    name: name, connectionsInUse: active[name] ?? 0, connectionCeiling: ceilings[name] ?? 0,
                    lastError: problems.first { $0.mailbox.target == name && $0.error.code == .unavailable }?.error
                        .description)
            })
        for problem in problems { mailboxErrors[problem.mailbox.id] = problem.error.description }
    }
}

extension FreeSpaceFloor {
    var consoleFloor: FreeFloor {
        switch self {
        case .percent(let percent): .percent(percent)
        case .size(let size): .bytes(size)
        }
    }
}
