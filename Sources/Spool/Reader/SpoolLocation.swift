public import MailModel

/// Where the bytes of one message are: enough to fetch them without looking anything up.
public struct SpoolLocation: Hashable, Sendable {
    public var position: SpoolPosition
    public var id: MessageID

    public init(position: SpoolPosition, id: MessageID) {
        self.position = position
        self.id = id
    }
}

extension SpooledMessage {
    public var location: SpoolLocation { SpoolLocation(position: position, id: id) }
}
