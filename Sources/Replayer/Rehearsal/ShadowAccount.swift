import IMAPProtocol
import MailModel
import NIOCore
import Spool

/// One account that copies are put into, and its connection.
final class ShadowAccount {
    let target: ReplayTarget
    let login: String
    let environment: RehearsalEnvironment
    private var open: (session: IMAPSession, personality: Personality)?

    init(target: ReplayTarget, login: String, environment: RehearsalEnvironment) {
        self.target = target
        self.login = login
        self.environment = environment
    }

    /// The open session, or a new one.
    func session() async throws -> (session: IMAPSession, personality: Personality) {
        if let open, open.session.isOpen { return open }
        await drop()
        try environment.logins.check(target.name)
        let (target, login) = (self.target, self.login)
        let credentials = try await environment.blocking { try target.credentials.credentials(for: login) }
        do {
            let session = try await IMAPSession.connect(
                to: target.endpoint, credentials: credentials, limits: target.sessionLimits, group: environment.group)
            environment.logins.succeeded(target.name)
            let pair = (session: session, personality: Personality(kind: target.kind, session: session))
            open = pair
            return pair
        } catch let error as IMAPError {
            let meaning = ReplayError(error)
            if error.code == .connectFailed || meaning.code == .credentials && target.credentials.isShared {
                environment.logins.failed(target.name, meaning)
            }
            throw error
        }
    }

    func drop() async {
        await open?.session.close()
        open = nil
    }

    func end() async {
        await open?.session.logout()
        open = nil
    }
}
