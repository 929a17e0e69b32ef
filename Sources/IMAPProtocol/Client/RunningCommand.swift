import NIOCore

/// A command of which some pieces may still wait for the server's `+`.
struct RunningCommand: Sendable {
    let tag: IMAPTag
    private let pieces: [ByteBuffer]
    private var sent = 1

    init(_ command: EncodedCommand) {
        tag = command.tag
        pieces = command.pieces
    }

    var first: ByteBuffer { pieces.first ?? ByteBuffer() }

    var isWholeSent: Bool { sent >= pieces.count }

    /// The piece that the server's `+` asks for; nil when there is none left.
    mutating func next() -> ByteBuffer? {
        guard sent < pieces.count else { return nil }
        sent += 1
        return pieces[sent - 1]
    }
}
