import NIOCore

/// A connection from its greeting through its login to its commands, one at a time.
///
///     S: * OK Dovecot ready.
///     C: L1 CAPABILITY                        in clear: only to see STARTTLS; forgotten after it
///     C: L2 STARTTLS
///        …TLS handshake…
///     C: L3 CAPABILITY                        asked again: what was said before may have been put there by anybody
///     C: L4 AUTHENTICATE PLAIN …
///     C: L5 CAPABILITY                        asked again: a proxy answers for another server before the login
///     C: L6 ID ("name" "layover")
///
/// Pure: feed it what happened, do what the action says. After `.fail` every event answers `.wait`.
public struct IMAPClientStateMachine: Sendable {
    private enum State {
        /// Connected (and inside TLS where it is implicit); nothing was said.
        case greeting
        /// In clear, before STARTTLS: nothing the server says is believed but that it has STARTTLS.
        case capabilityInClear(RunningCommand)
        case startTLS(RunningCommand)
        /// The server said OK to STARTTLS; not one response may come before TLS runs.
        case handshaking
        /// As safe as it gets; not logged in.
        case capability(RunningCommand)
        case login(RunningCommand)
        case capabilityAfterLogin(RunningCommand)
        case identification(RunningCommand)
        case idle
        case running(RunningCommand)
        case failed
    }

    private let security: IMAPConnectionSecurity
    private let credentials: IMAPCredentials
    private let clientName: String
    private var state = State.greeting
    private var tags = IMAPTagGenerator()
    private var byeText: ResponseText?

    /// What the server last said it can do, never from before TLS. Complete when the machine was `.ready`.
    public private(set) var capabilities = Capabilities([])
    /// What the server calls itself (RFC 2971), if it does; keys in lower case.
    public private(set) var identification: [String: String] = [:]

    /// What the server said first. Empty with STARTTLS: it was said in clear, by anybody.
    public private(set) var greeting = ""

    public init(security: IMAPConnectionSecurity, credentials: IMAPCredentials, clientName: String = "layover") {
        self.security = security
        self.credentials = credentials
        self.clientName = clientName
    }

    public var isIdle: Bool {
        if case .idle = state { true } else { false }
    }

    /// Runs a command; `.untagged` and at last `.complete` follow. Throws `IMAPEncodeError`, and `IMAPClientError` unless idle.
    public mutating func run(_ command: IMAPCommand) throws -> IMAPClientAction {
        guard isIdle else { throw IMAPClientError(.notReady, words: "") }
        let running = try begin(command)
        state = .running(running)
        return .write(running.first)
    }

    /// The tag for an APPEND, whose dialogue another machine leads while this one is idle.
    public mutating func tagForAppend() throws -> IMAPTag {
        guard isIdle else { throw IMAPClientError(.notReady, words: "") }
        return tags.next()
    }

    public mutating func handshakeCompleted() -> IMAPClientAction {
        guard case .handshaking = state else { return .wait }
        // STRIPTLS and response injection live on what is remembered from before (RFC 3501 §6.2.1: MUST discard).
        capabilities = Capabilities([])
        identification = [:]
        return advance {
            .capability($0)
        } with: {
            .capability
        }
    }

    public mutating func connectionClosed() -> IMAPClientAction {
        if let byeText { return fail(.bye, byeText) }
        return fail(.connectionClosed, ResponseText(words: ""))
    }

    public mutating func received(_ response: IMAPResponse) -> IMAPClientAction {
        switch state {
        case .failed: return .wait
        case .greeting: return receivedGreeting(response)
        case .handshaking: return fail(.responseInjection, ResponseText(words: ""))
        case .idle: return receivedWhileIdle(response)
        case .capabilityInClear(let command), .startTLS(let command), .capability(let command), .login(let command),
            .capabilityAfterLogin(let command), .identification(let command), .running(let command):
            return received(response, command)
        }
    }
}

extension IMAPClientStateMachine {
    private mutating func receivedGreeting(_ response: IMAPResponse) -> IMAPClientAction {
        switch response {
        case .untagged(.condition(.ok, let text)):
            greeting = security == .startTLS ? "" : text.words
            return security == .startTLS
                ? advance {
                    .capabilityInClear($0)
                } with: {
                    .capability
                }
                : advance {
                    .capability($0)
                } with: {
                    .capability
                }
        case .untagged(.preauth(let text)): return fail(.preauthenticated, text)
        case .untagged(.bye(let text)): return fail(.bye, text)
        default: return fail(.protocolViolation, ResponseText(words: "not a greeting"))
        }
    }

    private mutating func receivedWhileIdle(_ response: IMAPResponse) -> IMAPClientAction {
        switch response {
        case .untagged(let untagged): return received(untagged)
        case .continuation, .tagged: return fail(.protocolViolation, ResponseText(words: "an answer to no command"))
        }
    }

    private mutating func received(_ response: IMAPResponse, _ command: RunningCommand) -> IMAPClientAction {
        switch response {
        case .untagged(let untagged): return received(untagged)
        case .continuation(let text):
            var command = command
            guard let piece = command.next() else { return fail(.protocolViolation, text) }
            replace(command)
            return .write(piece)
        case .tagged(let tagged):
            guard tagged.tag == command.tag else {
                return fail(.protocolViolation, ResponseText(words: "an answer to \(tagged.tag), which is not running"))
            }
            guard tagged.status != .ok || command.isWholeSent else {
                return fail(.protocolViolation, ResponseText(words: "OK before the end of the command"))
            }
            return finished(tagged)
        }
    }

    private mutating func received(_ untagged: UntaggedResponse) -> IMAPClientAction {
        switch untagged {
        case .bye(let text):
            byeText = text
            // Only LOGOUT is answered after it; what else runs ends with the connection.
            if case .running = state { return .untagged(untagged) }
            return fail(.bye, text)
        case .capability(let offered): capabilities = offered
        case .id(let fields): identification = fields
        case .preauth(let text): return fail(.protocolViolation, text)
        default: break
        }
        if case .running = state { return .untagged(untagged) }
        return .wait
    }

    private mutating func finished(_ tagged: TaggedResponse) -> IMAPClientAction {
        if case .capability(let offered)? = tagged.text.code { capabilities = offered }
        switch state {
        case .capabilityInClear:
            guard capabilities.hasStartTLS else { return fail(.startTLSUnavailable, tagged.text) }
            return advance {
                .startTLS($0)
            } with: {
                .startTLS
            }
        case .startTLS:
            guard tagged.status == .ok else { return fail(.startTLSUnavailable, tagged.text) }
            capabilities = Capabilities([])
            state = .handshaking
            return .startHandshake
        case .capability:
            guard tagged.status == .ok else { return fail(.protocolViolation, tagged.text) }
            return login()
        case .login:
            guard tagged.status == .ok else { return fail(.loginRefused, tagged.text) }
            return advance {
                .capabilityAfterLogin($0)
            } with: {
                .capability
            }
        case .capabilityAfterLogin:
            guard tagged.status == .ok else { return fail(.protocolViolation, tagged.text) }
            guard capabilities.hasID else { return ready() }
            let name = clientName
            return advance {
                .identification($0)
            } with: {
                .id(name: name, version: nil)
            }
        case .identification: return ready()
        case .running:
            state = .idle
            return .complete(tagged)
        case .greeting, .handshaking, .idle, .failed: return .wait
        }
    }

    private mutating func ready() -> IMAPClientAction {
        state = .idle
        return .ready
    }

    private mutating func login() -> IMAPClientAction {
        switch credentials {
        case .login(let user, let password):
            guard !capabilities.isLoginDisabled else {
                return fail(.loginUnavailable, ResponseText(words: "LOGINDISABLED"))
            }
            return advance {
                .login($0)
            } with: {
                .login(user: user, password: password)
            }
        case .plain(let authorize, let authenticate, let password):
            guard capabilities.hasAuthPlain else {
                return fail(.loginUnavailable, ResponseText(words: "no AUTH=PLAIN"))
            }
            let hasInitialResponse = capabilities.hasSASLInitialResponse
            return advance {
                .login($0)
            } with: {
                .authenticatePlain(
                    authorize: authorize, authenticate: authenticate, password: password,
                    hasInitialResponse: hasInitialResponse)
            }
        }
    }

    /// Sends a command and enters its state.
    private mutating func advance(_ next: (RunningCommand) -> State, with command: () -> IMAPCommand)
        -> IMAPClientAction
    {
        do {
            let running = try begin(command())
            state = next(running)
            return .write(running.first)
        } catch {
            return fail(.loginUnavailable, ResponseText(words: "the login holds a control character"))
        }
    }

    private mutating func begin(_ command: IMAPCommand) throws -> RunningCommand {
        RunningCommand(try command.encode(tag: tags.next()))
    }

    private mutating func replace(_ command: RunningCommand) {
        switch state {
        case .login: state = .login(command)
        case .identification: state = .identification(command)
        case .running: state = .running(command)
        default: break
        }
    }

    private mutating func fail(_ code: IMAPClientError.Code, _ text: ResponseText) -> IMAPClientAction {
        if case .failed = state { return .wait }
        state = .failed
        return .fail(IMAPClientError(code, text))
    }
}
