/// What the receiver says to a new connection.
public enum ConnectionVerdict: Hashable, Sendable {
    case welcome
    /// More sessions than the server can serve: 421 4.3.2.
    case overloaded
    /// More connections or a higher rate from this client than it may have: 421 4.7.0.
    case tooManyFromClient
    /// The spool takes nothing: 421 4.3.2.
    case storeUnavailable
    case shuttingDown

    var refusal: SMTPReply? {
        switch self {
        case .welcome: nil
        case .overloaded: .overloaded
        case .tooManyFromClient: .tooManyConnections
        case .storeUnavailable: .storeUnavailable
        case .shuttingDown: .shuttingDown
        }
    }
}
