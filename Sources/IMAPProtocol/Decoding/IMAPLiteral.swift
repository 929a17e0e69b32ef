/// What became of one literal of a response.
public enum IMAPLiteral: Hashable, Sendable {
    /// It was small and is here.
    case kept([UInt8])
    /// It went by while the response was read; `index` counts the literals of the response from 0.
    case streamed(index: Int, size: Int)
}
