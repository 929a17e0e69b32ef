/// Why the spool did not keep a message. Always temporary.
public enum SpoolFailure: Hashable, Sendable {
    /// No room, no inode, over quota: 452 4.3.1.
    case diskFull
    /// A write, a sync or a rename failed, or anything else went wrong: 451 4.3.0.
    case writeError

    var reply: SMTPReply {
        switch self {
        case .diskFull: .insufficientStorage
        case .writeError: .storageError
        }
    }
}
